/** The data types of SSH, RFC 4251 section 5, each in the only form it may have. */
import { malformed } from './refused.ts';

export interface WireReader {
  byte(): number;
  uint32(): number;
  /** Length and bytes. */
  string(): Buffer;
  /** A string that is a name: printable US-ASCII. */
  name(): string;
  /** A positive number, as its bytes without leading zeros. */
  positive(): Buffer;
  /** @throws Refused when something is left. */
  end(): void;
}

/** Every method throws `Refused` for what is cut off or in another form. */
export function readWire(bytes: Buffer, what: string): WireReader {
  let at = 0;
  const take = (length: number): Buffer => {
    if (length > bytes.length - at) throw malformed(`${what} is cut off`);
    at += length;
    return bytes.subarray(at - length, at);
  };
  const string = (): Buffer => take(take(4).readUInt32BE());
  return {
    byte: () => take(1).readUInt8(),
    uint32: () => take(4).readUInt32BE(),
    string,
    name: () => {
      const name = string().toString('latin1');
      if (!/^[!-~]{1,128}$/.test(name)) throw malformed(`${what} has a name that is no name`);
      return name;
    },
    positive: () => {
      const number = string();
      const [first = 0x80, second = 0] = number;
      const padded = first === 0 && second >= 0x80 && number.length > 1;
      if (first >= 0x80 || (first === 0 && !padded))
        throw malformed(`${what} has a number that is not in its shortest form`);
      return padded ? number.subarray(1) : number;
    },
    end: () => {
      if (at !== bytes.length) throw malformed(`${bytes.length - at} bytes follow ${what}`);
    },
  };
}

export function wireString(bytes: Buffer | string): Buffer {
  const content = Buffer.from(bytes as string, 'latin1');
  const length = Buffer.alloc(4);
  length.writeUInt32BE(content.length);
  return Buffer.concat([length, content]);
}

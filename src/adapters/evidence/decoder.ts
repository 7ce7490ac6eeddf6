import { TextDecoder } from 'node:util';

export type Decode = (bytes: Uint8Array, last: boolean) => Decoded;

export type Decoded =
  | { readonly text: string; readonly problem?: undefined }
  | { readonly text?: undefined; readonly problem: string };

/**
 * Text out of bytes in pieces, in the encoding that the byte order mark or else the XML declaration names,
 * or else UTF-8. Bytes that the encoding does not allow are a problem, not a replacement character:
 * the file was torn or mislabelled, and nobody knows what else is wrong with it.
 */
export function createDecoder(): Decode {
  let decoder: TextDecoder | undefined;
  return (bytes, last) => {
    try {
      decoder ??= new TextDecoder(encodingOf(bytes), { fatal: true });
      return { text: decoder.decode(bytes, { stream: !last }) };
    } catch (error) {
      const unknown = error instanceof RangeError;
      return {
        problem: unknown
          ? `names an encoding nobody knows: ${encodingOf(bytes)}`
          : `is not ${decoder?.encoding ?? ''} text`,
      };
    }
  };
}

function encodingOf(beginning: Uint8Array): string {
  const [first, second] = beginning;
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  if (first === 0xfe && second === 0xff) return 'utf-16be';
  const declaration = Buffer.from(beginning.subarray(0, 200)).toString('latin1');
  return /^(?:\xef\xbb\xbf)?<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)["']/.exec(declaration)?.[1] ?? 'utf-8';
}

/** Reads a stream in pieces of a wanted size. */

export interface ByteReader {
  /** Exactly `size` bytes at once. */
  block(size: number): Promise<Buffer>;
  /** `size` bytes as they come; must be read to the end before anything else is. */
  take(size: number): AsyncGenerator<Buffer>;
  /** True when nothing is left. */
  atEnd(): Promise<boolean>;
}

/** Its functions throw RangeError when the stream ends too early. */
export function readBytes(source: AsyncIterable<Buffer>): ByteReader {
  const chunks = source[Symbol.asyncIterator]();
  let rest: Buffer = Buffer.alloc(0);
  const fill = async () => {
    while (rest.length === 0) {
      const next = await chunks.next();
      if (next.done === true) return false;
      rest = next.value;
    }
    return true;
  };
  const take = async function* (size: number) {
    for (let left = size; left > 0;) {
      if (!(await fill())) throw new RangeError('it ends too early');
      const part = rest.subarray(0, left);
      rest = rest.subarray(part.length);
      left -= part.length;
      yield part;
    }
  };
  return {
    take,
    block: async (size) => {
      const parts: Buffer[] = [];
      for await (const part of take(size)) parts.push(part);
      return parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts);
    },
    atEnd: async () => !(await fill()),
  };
}

/** Memory for long pieces on their way to clients, used again and again: what comes and goes with each piece costs more than to copy it. */
import { mostBytes } from './answer-parser.ts';

/** A piece that waits holds a whole buffer, so a short one is not worth it. */
const shortBytes = 16_384;
const mostSpare = 32;

const spare: Buffer[] = [];

/** A copy of the bytes is written by `write`, which calls back when they are no longer needed. */
export function writeCopy<T>(bytes: Buffer, write: (copy: Buffer, written: () => void) => T): T {
  if (bytes.length < shortBytes) return write(Buffer.from(bytes), () => undefined);
  const buffer = spare.pop() ?? Buffer.allocUnsafeSlow(mostBytes);
  bytes.copy(buffer);
  return write(buffer.subarray(0, bytes.length), () => {
    if (spare.length < mostSpare) spare.push(buffer);
  });
}

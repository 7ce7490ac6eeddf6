/** What a container wrote, out of the frames in which an engine hands it over: 8 bytes of header (stream, length), then the text. */
import { firstWholeCharacter } from '../../../domain/base/utf8.ts';

const headerBytes = 8;

/** The last `bytes` of both streams in the order written, from a whole character on; holds little more than that in memory. */
export async function lastOfFrames(stream: AsyncIterable<Buffer>, bytes: number): Promise<string> {
  let rest: Buffer = Buffer.alloc(0);
  let kept: Buffer = Buffer.alloc(0);
  for await (const piece of stream) {
    const { texts, left } = framesIn(Buffer.concat([rest, piece]));
    rest = left;
    kept = Buffer.from(Buffer.concat([kept, ...texts]).subarray(-bytes));
  }
  return kept.toString('utf8', firstWholeCharacter(kept));
}

function framesIn(data: Buffer): { readonly texts: readonly Buffer[]; readonly left: Buffer } {
  const texts: Buffer[] = [];
  let at = 0;
  while (at + headerBytes <= data.length) {
    const end = at + headerBytes + data.readUInt32BE(at + 4);
    if (end > data.length) break;
    texts.push(data.subarray(at + headerBytes, end));
    at = end;
  }
  return { texts, left: data.subarray(at) };
}

import type { IncomingMessage } from 'node:http';
import { Transform, type Readable } from 'node:stream';

export class BodyTooLarge extends Error {}

/** The body of a request, broken off with `BodyTooLarge` when it turns out longer than allowed. */
export function bounded(request: IncomingMessage, mostBytes: number | undefined): Readable {
  if (mostBytes === undefined) return request;
  let seen = 0;
  const counted = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      seen += chunk.length;
      if (seen > mostBytes) done(new BodyTooLarge('the body is too large'));
      else done(null, chunk);
    },
  });
  request.once('aborted', () => counted.destroy(new Error('the client left')));
  return request.pipe(counted);
}

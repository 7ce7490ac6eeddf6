/** A client that falls silent in the middle of its request: it would keep an instance busy for as long as it likes. */
import type { IncomingMessage } from 'node:http';

export class ClientTooSlow extends Error {
  override readonly name = 'ClientTooSlow';
}

/** Calls `late` once when nothing has come for `idleMs`, at the latest after twice as long. Answers how to stop. */
export function watchBody(request: IncomingMessage, idleMs: number, late: () => void): () => void {
  let seen = request.socket.bytesRead;
  const stop = (): void => clearInterval(timer);
  const timer = setInterval(() => {
    if (request.complete) return stop();
    const { bytesRead } = request.socket;
    // What has come and waits to be read is kept up by the instance, not by the client.
    if (bytesRead !== seen || request.readableLength > 0) return void (seen = bytesRead);
    stop();
    late();
  }, idleMs);
  return stop;
}

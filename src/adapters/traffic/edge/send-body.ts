/** The body of a request on its way to an instance, as fast as that takes it. */
import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';

export class BodyTooLarge extends Error {
  override readonly name = 'BodyTooLarge';
}

export interface SendingBody {
  isSent(): boolean;
  /** What is left is read and dropped. Answers whether all was sent. */
  stop(): boolean;
}

interface Sending {
  readonly head: string;
  readonly body: Readable;
  readonly mostBytes: number | undefined;
  /** Its length was not told. */
  readonly isChunked: boolean;
  /** Something was written. */
  readonly sent: () => void;
  readonly failed: (error: Error) => void;
}

export function sendBody(
  socket: Socket,
  { head, body, mostBytes = Infinity, isChunked, sent, failed }: Sending,
): SendingBody {
  let isSent = false;
  // What of the body is there already goes out in one write with the head.
  socket.cork();
  socket.write(head, 'latin1');
  let left = mostBytes;
  const write = (bytes: Buffer): void => {
    left -= bytes.length;
    if (left < 0) return failed(new BodyTooLarge('the body is too large'));
    sent();
    const goesOn = isChunked ? writeChunk(socket, bytes) : socket.write(bytes);
    if (!goesOn) body.pause();
  };
  const end = (): void => {
    isSent = true;
    sent();
    if (isChunked) socket.write('0\r\n\r\n', 'latin1');
    release();
  };
  const goOn = (): void => void body.resume();
  const release = (): void => {
    body.off('data', write).off('end', end).off('error', failed);
    socket.off('drain', goOn);
  };
  body.on('data', write).on('end', end).on('error', failed);
  socket.on('drain', goOn);
  process.nextTick(() => socket.uncork());
  return {
    isSent: () => isSent,
    stop() {
      if (isSent) return true;
      release();
      body.on('error', () => undefined).resume();
      return false;
    },
  };
}

function writeChunk(socket: Socket, bytes: Buffer): boolean {
  socket.cork();
  socket.write(`${bytes.length.toString(16)}\r\n`, 'latin1');
  socket.write(bytes);
  const goesOn = socket.write('\r\n', 'latin1');
  socket.uncork();
  return goesOn;
}

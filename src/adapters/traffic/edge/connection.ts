/** One connection to an instance, one request on it at a time. */
import { connect } from 'node:net';
import type { Readable } from 'node:stream';
import type { Instance } from '../../../ports/traffic.ts';
import { createAnswerParser, mostBytes, type Head } from './answer-parser.ts';
import { InstanceFailed } from './instance-failed.ts';
import { sendBody, type SendingBody } from './send-body.ts';

export interface Question {
  readonly method: string;
  readonly target: string;
  /** Names and values in turn, `Host` among them, as a strict parser let them through. */
  readonly headers: readonly string[];
  /** As long as `Content-Length` says, when the headers have it. */
  readonly body: Readable | undefined;
  /** A longer body fails with `BodyTooLarge`; any length when absent. */
  readonly mostBytes: number | undefined;
  /** Until the answer begins, and between two pieces of it (ms). */
  readonly answerMs: number;
  readonly idleMs: number;
}

/** Either `end` is called, or `failed`, once; nothing after it. */
export interface Answered {
  begin(status: number, raw: readonly string[]): void;
  /** To be copied. False: nothing more for now, until `resume`. */
  data(bytes: Buffer): boolean;
  end(): void;
  failed(error: Error): void;
}

export interface Connection {
  ask(question: Question, answered: Answered): void;
  /** These two do nothing when what is under way is no longer this. */
  abort(answered: Answered, error: Error): void;
  resume(answered: Answered): void;
  /** What is under way fails. */
  destroy(error: Error): void;
  /** So much time has passed; `now`: by a clock that only goes on. */
  pass(ms: number, now: number): void;
  /** It is idle, and was not for so long that the instance may be about to close it. */
  isFresh(now: number): boolean;
}

export interface Owner {
  readonly connectMs: number;
  /** It may be asked again. */
  free(connection: Connection): void;
  gone(connection: Connection): void;
}

/** Below what servers usually keep idle connections open for (Node: 5 s), so that we close first; less than an instance itself says. */
const usualKeepMs = 4_000;
const longestKeepMs = 60_000;
const keepMarginMs = 2_000;

/** Sockets are read one after the other, and nothing is kept of what was read. */
const received = Buffer.allocUnsafeSlow(mostBytes);

/** For these a body means nothing (RFC 9110, 9.3): who gets one all the same may take it for the next request. */
const withoutBody = new Set(['GET', 'HEAD', 'DELETE', 'OPTIONS', 'TRACE']);

const switchingProtocols = 101;

export function openConnection(instance: Instance, { connectMs, free, gone }: Owner): Connection {
  let question: Question | undefined;
  let answered: Answered | undefined;
  let body: SendingBody | undefined;
  let hasBegun = false;
  let isWhole = false;
  let isPaused = false;
  let mayStay = true;
  let isGone = false;
  let quietMs = 0;
  let keepMs = usualKeepMs;
  let freshUntil = 0;

  const parser = createAnswerParser({
    head(head) {
      if (head.status === switchingProtocols)
        return lose(new InstanceFailed('wrong', 'it upgraded what is no upgrade'));
      if (head.status < 200) return;
      hasBegun = true;
      mayStay = mayStay && head.keepsOpen && !mayCarryMore(head);
      keepMs = keepTime(head.raw);
      answered?.begin(head.status, head.raw);
    },
    data(bytes) {
      if (answered === undefined || answered.data(bytes) || isPaused) return;
      isPaused = true;
      socket.pause();
    },
    end: () => (isWhole = true),
  });
  const socket = connect({
    ...instance,
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: 60_000,
    onread: {
      buffer: received,
      callback: (length) => {
        read(received.subarray(0, length));
        return true;
      },
    },
  });
  const connecting = setTimeout(
    () => lose(new InstanceFailed('unreachable', 'it took no connection in time')),
    connectMs,
  );

  const read = (bytes: Buffer): void => {
    if (isGone) return;
    quietMs = 0;
    if (answered === undefined) return lose(new InstanceFailed('wrong', 'it sent what nobody asked for'));
    try {
      const wrong = parser.read(bytes);
      if (isWhole) finish(wrong === undefined);
      else if (wrong !== undefined) lose(new InstanceFailed('wrong', wrong));
    } catch (error) {
      lose(error as Error);
    }
  };
  const finish = (isClean: boolean): void => {
    const done = answered;
    const isSent = body?.stop() ?? true;
    [question, answered, body] = [undefined, undefined, undefined];
    if (isClean && isSent && mayStay && !isGone) {
      freshUntil = performance.now() + keepMs;
      if (isPaused) resume();
      free(connection);
    } else leave();
    done?.end();
  };
  const lose = (error: Error): void => {
    const failing = answered;
    body?.stop();
    [question, answered, body] = [undefined, undefined, undefined];
    leave();
    failing?.failed(error);
  };
  const leave = (): void => {
    if (isGone) return;
    isGone = true;
    clearTimeout(connecting);
    socket.destroy();
    gone(connection);
  };
  const resume = (): void => {
    if (!isPaused) return;
    isPaused = false;
    quietMs = 0;
    socket.resume();
  };

  socket.once('connect', () => clearTimeout(connecting));
  socket.on('drain', () => (quietMs = 0));
  socket.once('end', () => {
    if (hasBegun && answered !== undefined) parser.close();
    if (isWhole && answered !== undefined) finish(false);
    else lose(new InstanceFailed('cut', 'it closed the connection'));
  });
  socket.on('error', lose);
  socket.once('close', () => {
    lose(new InstanceFailed('cut', 'the connection was closed'));
    parser.free();
  });

  const connection: Connection = {
    ask(next, listener) {
      question = next;
      answered = listener;
      [hasBegun, isWhole, quietMs] = [false, false, 0];
      parser.expect(next.method === 'HEAD');
      mayStay = next.method !== 'HEAD' && (next.body === undefined || !withoutBody.has(next.method));
      const isChunked = next.body !== undefined && !hasLength(next);
      const head = headOf(next, { isChunked, mayStay });
      if (next.body === undefined) socket.write(head, 'latin1');
      else
        body = sendBody(socket, {
          head,
          body: next.body,
          mostBytes: next.mostBytes,
          isChunked,
          failed: lose,
          sent: () => (quietMs = 0),
        });
    },
    abort(whose, error) {
      if (whose === answered) lose(error);
    },
    resume(whose) {
      if (whose === answered) resume();
    },
    destroy: lose,
    pass(ms, now) {
      if (question === undefined) {
        if (!connection.isFresh(now)) leave();
        return;
      }
      const waitsForClient = isPaused || (body !== undefined && !body.isSent() && !socket.writableNeedDrain);
      if (waitsForClient || socket.connecting) return;
      // What began just before this turn is given one more.
      if (quietMs - ms >= (hasBegun ? question.idleMs : question.answerMs))
        return lose(new InstanceFailed('late', 'it did not answer in time'));
      quietMs += ms;
    },
    isFresh: (now) => !isGone && now < freshUntil,
  };
  return connection;
}

interface Framing {
  readonly isChunked: boolean;
  readonly mayStay: boolean;
}

function hasLength({ headers }: Question): boolean {
  return headers.some((name, at) => at % 2 === 0 && name.toLowerCase() === 'content-length');
}

function headOf({ method, target, headers }: Question, { isChunked, mayStay }: Framing): string {
  let head = `${method} ${target} HTTP/1.1\r\nConnection: ${mayStay ? 'keep-alive' : 'close'}\r\n`;
  for (let at = 0; at < headers.length; at += 2) head += `${headers[at]}: ${headers[at + 1]}\r\n`;
  return isChunked ? `${head}Transfer-Encoding: chunked\r\n\r\n` : `${head}\r\n`;
}

/** An answer that has no body, says the protocol, but speaks of one: it may come all the same. */
function mayCarryMore({ status, raw }: Head): boolean {
  if (status !== 204 && status !== 304) return false;
  return raw.some((name, at) => {
    if (at % 2 === 1) return false;
    const known = name.toLowerCase();
    return known === 'transfer-encoding' || (known === 'content-length' && Number(raw[at + 1]) !== 0);
  });
}

/** How long it may be kept idle: a little less than the instance says that it keeps it. */
function keepTime(raw: readonly string[]): number {
  for (let at = 0; at < raw.length; at += 2) {
    if (raw[at]!.length !== 'keep-alive'.length || raw[at]!.toLowerCase() !== 'keep-alive') continue;
    const seconds = /timeout=(\d+)/i.exec(raw[at + 1]!)?.[1];
    if (seconds !== undefined) return Math.min(Number(seconds) * 1_000 - keepMarginMs, longestKeepMs);
  }
  return usualKeepMs;
}

/** HTTP over the socket of a Docker engine. What an answer means is said where it is asked for; what it must look like, too. */
import { request as ask, type IncomingMessage } from 'node:http';
import { pipeline, type Readable } from 'node:stream';
import { z } from 'zod';
import { Failure } from '../../../domain/base/failure.ts';
import { EngineTooSlow, refusedBy, unreachable } from './engine-failure.ts';
import { jsonOf } from './json.ts';
import { socketOf } from './socket.ts';

export interface Engine {
  readonly socket: string;
  /** @throws Failure `docker/unreachable`, or what the engine refused by `engine-failure.ts`. */
  ask<T>(request: EngineRequest, answer: z.ZodType<T>): Promise<T>;
  /** The same where the answer says nothing, or nothing that is needed; answers its status. */
  tell(request: EngineRequest): Promise<number>;
  /** The answer as it comes; whoever asks reads it to its end or destroys it. */
  open(request: EngineRequest): Promise<Readable>;
}

export interface EngineRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Below the version, such as `/containers/json`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  /** An archive that is sent as the body. */
  readonly body?: Readable;
  /** Until the answer begins, and between two of its pieces; 0 for as long as it takes. */
  readonly patienceMs?: number;
  /** Statuses that are no failure besides 2xx: `304` says that it was so already. */
  readonly also?: readonly number[];
}

const greetingMs = 5_000;
const usualPatienceMs = 30_000;
const mostAnswerBytes = 16 * 2 ** 20;
/** The oldest version with all that is asked here (Docker 20.10), and the newest that this was written against. */
const versions = { oldest: 41, newest: 47 };

/** One connection for each request: what is asked is seldom, and a restarted engine leaves nothing half open behind. */
export function createEngine({ dockerHost }: { readonly dockerHost: string | undefined }): Engine {
  let version: string | undefined;
  const open = async (request: EngineRequest): Promise<IncomingMessage> => {
    // Not before it is needed: who uses no containers may have whatever he likes in DOCKER_HOST.
    const socket = socketOf(dockerHost);
    version ??= await negotiate(socket);
    const answer = await send(socket, { ...request, path: `/v1.${version}${request.path}` });
    if (statusOf(answer) < 300 || request.also?.includes(statusOf(answer)) === true) return answer;
    throw refusedBy(request, statusOf(answer), messageIn(await textOf(socket, answer)));
  };
  return {
    get socket() {
      return socketOf(dockerHost);
    },
    async ask(request, shape) {
      const answer = await open(request);
      return read(request, shape, await textOf(this.socket, answer));
    },
    async tell(request) {
      const answer = await open(request);
      await textOf(this.socket, answer);
      return statusOf(answer);
    },
    open,
  };
}

/** The newest version that both speak. */
async function negotiate(socket: string): Promise<string> {
  const answer = await send(socket, { method: 'GET', path: '/_ping', patienceMs: greetingMs });
  await textOf(socket, answer);
  const said = /^1\.(\d+)$/.exec(String(answer.headers['api-version'] ?? ''));
  if (statusOf(answer) !== 200 || said === null)
    throw unreachable(socket, new Error('what answers is no Docker engine'));
  const minor = Number(said[1]);
  if (minor < versions.oldest)
    throw new Failure('docker/refused', `the Docker engine at ${socket} speaks version 1.${minor} of its API`, {
      hint: `Liftlock needs 1.${versions.oldest} or newer: Docker 20.10.`,
      reason: 'TOO_OLD',
    });
  return String(Math.min(minor, versions.newest));
}

async function send(socket: string, request: EngineRequest): Promise<IncomingMessage> {
  const { method, query = {}, json, body, patienceMs = usualPatienceMs } = request;
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const asking = ask({
    socketPath: socket,
    // A connection of its own, closed after the answer.
    agent: false,
    method,
    path: `${request.path}${Object.keys(query).length === 0 ? '' : `?${new URLSearchParams(query).toString()}`}`,
    headers: { host: 'docker', 'content-type': json === undefined ? 'application/x-tar' : 'application/json' },
    timeout: patienceMs,
  });
  let answer: IncomingMessage | undefined;
  asking.once('response', (begun) => resolve((answer = begun)));
  asking.on('error', reject);
  asking.on('timeout', () => {
    // What has come and waits to be read is kept up by us.
    if ((answer?.readableLength ?? 0) > 0) return;
    (answer ?? asking).destroy(new EngineTooSlow(answer === undefined ? 'NO_ANSWER' : 'NO_MORE'));
  });
  if (body !== undefined) pipeline(body, asking, (error) => error && reject(error));
  else asking.end(json === undefined ? undefined : JSON.stringify(json));
  return promise.catch((error: unknown) => {
    asking.destroy();
    throw unreachable(socket, error);
  });
}

/** Node knows it once an answer has begun. */
function statusOf({ statusCode = 0 }: IncomingMessage): number {
  return statusCode;
}

/** Bounded: nothing that is asked here is larger, and a broken engine must not fill the memory. */
async function textOf(socket: string, answer: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const piece of answer as AsyncIterable<Buffer>) {
      bytes += piece.length;
      if (bytes > mostAnswerBytes) throw new RangeError(`its answer is larger than ${mostAnswerBytes} bytes`);
      pieces.push(piece);
    }
  } catch (error) {
    throw unreachable(socket, error);
  }
  return Buffer.concat(pieces).toString('utf8');
}

function read<T>({ path }: EngineRequest, shape: z.ZodType<T>, text: string): T {
  const parsed = shape.safeParse(jsonOf(text));
  if (parsed.success) return parsed.data;
  throw new Failure('docker/refused', `the Docker engine answered ${path} with something else than its API describes`, {
    hint: 'Look at what listens at the socket: another program, or an engine that this version does not know.',
    reason: 'NOT_UNDERSTOOD',
    cause: parsed.error,
  });
}

function messageIn(text: string): string {
  const parsed = z.object({ message: z.string() }).safeParse(jsonOf(text));
  return parsed.success ? parsed.data.message : text.slice(0, 500);
}

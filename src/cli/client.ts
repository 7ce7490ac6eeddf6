/** Talks to a control plane: finds it, signs in, repeats safely, and turns problems into failures. */
import { randomUUID } from 'node:crypto';
import type { Problem } from '../api/contract/problem.ts';
import { beatEvent } from '../api/contract/stream.ts';
import { Failure, failureCatalog, type FailureCode } from '../domain/base/failure.ts';
import { send, type Reply } from './http.ts';
import { findServer, tokenFor } from './credentials.ts';
import type { Invocation } from './invocation.ts';

export interface Client {
  readonly url: string;
  get<Answer>(path: string, query?: Query): Promise<Answer>;
  /** Carries an idempotency key, so that it may be repeated when the answer got lost. */
  post<Answer>(path: string, body: object): Promise<Answer>;
  /** Bytes as they are, with an idempotency key. */
  upload<Answer>(path: string, query: Query, content: Uint8Array): Promise<Answer>;
  /** Bytes as they are. */
  fetch(path: string, query?: Query): Promise<Uint8Array>;
  /** Server-sent events from `after` on (or from now), until `signal` aborts or the server ends the stream. */
  events(options: { after?: string; project?: string; signal: AbortSignal }): AsyncIterable<ServerEvent>;
}

export type Query = Readonly<Record<string, string | number | undefined>>;

export interface ServerEvent {
  readonly id: string;
  readonly event: string;
  readonly data: unknown;
}

interface Server {
  readonly url: string;
  readonly token?: string;
}

/** How often and how long a request is repeated while the server is away. */
const pauses = [100, 300, 1_000, 2_000];

/** @throws Failure `server/unreachable` when no control plane is known here. */
export async function connect(invocation: Pick<Invocation, 'config' | 'directory'>): Promise<Client> {
  const place = await findServer(invocation);
  const token = await tokenFor(invocation, place);
  if (token === undefined)
    throw new Failure('request/unauthenticated', `there is no token for ${place.url}`, {
      hint: 'liftlock login, or set LIFTLOCK_TOKEN_FILE',
    });
  return clientOf({ url: place.url, token });
}

/** Without a token, what is open to everybody: signing in. */
export function clientOf(server: Server): Client {
  return {
    url: server.url,
    get: (path, query) => request(server, `${path}${search(query)}`, { method: 'GET' }),
    post: (path, body) =>
      request(server, path, {
        method: 'POST',
        body: JSON.stringify(body),
        headers: { 'content-type': 'application/json', 'idempotency-key': randomUUID() },
      }),
    upload: (path, query, content) =>
      request(server, `${path}${search(query)}`, {
        method: 'POST',
        body: content as Uint8Array<ArrayBuffer>,
        headers: { 'content-type': 'application/octet-stream', 'idempotency-key': randomUUID() },
      }),
    fetch: (path, query) => fetchBytes(server, `${path}${search(query)}`),
    events: (options) => events(server, options),
  };
}

interface Init {
  readonly method: string;
  readonly body?: string | Uint8Array<ArrayBuffer>;
  readonly headers?: Record<string, string>;
}

async function fetchBytes(server: Server, path: string): Promise<Uint8Array> {
  const response = await patiently(server, path, { method: 'GET' });
  if (response.ok) return response.bytes();
  throw toFailure(response.status, parse(await response.text()));
}

async function request<Answer>(server: Server, path: string, init: Init): Promise<Answer> {
  const response = await patiently(server, path, init);
  const text = await response.text();
  const body: unknown = text === '' ? undefined : parse(text);
  if (response.ok) return body as Answer;
  throw toFailure(response.status, body);
}

/** Repeats what is safe to repeat: reads, and commands under their idempotency key. */
async function patiently(server: Server, path: string, init: Init): Promise<Reply> {
  for (let attempt = 0; ; attempt++) {
    const pause = pauses[attempt];
    try {
      const response = await send(`${server.url}${path}`, {
        ...init,
        headers: { ...init.headers, ...headersOf(server) },
      });
      if (response.status !== 503 || pause === undefined) return response;
      response.cancel();
    } catch (error) {
      if (pause === undefined) {
        throw new Failure('server/unreachable', `the control plane at ${server.url} does not answer`, {
          hint: 'is `liftlock up` running?',
          cause: error,
        });
      }
    }
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}

async function* events(
  server: Server,
  { after, project, signal }: { after?: string; project?: string; signal: AbortSignal },
): AsyncIterable<ServerEvent> {
  const path = `/api/v1/events${search({ after, project })}`;
  const response = await send(`${server.url}${path}`, {
    method: 'GET',
    headers: { ...headersOf(server), accept: 'text/event-stream' },
    signal,
  });
  if (!response.ok) throw toFailure(response.status, parse(await response.text()));
  let pending = '';
  const decoder = new TextDecoder();
  for await (const chunk of response.body) {
    pending += decoder.decode(chunk, { stream: true });
    const blocks = pending.split('\n\n');
    pending = blocks.pop() ?? '';
    for (const block of blocks) {
      const event = readBlock(block);
      if (event !== undefined) yield event;
    }
  }
}

function readBlock(block: string): ServerEvent | undefined {
  const fields = new Map<string, string>();
  for (const line of block.split('\n')) {
    const colon = line.indexOf(':');
    if (colon > 0) fields.set(line.slice(0, colon), line.slice(colon + 1).replace(/^ /, ''));
  }
  const data = fields.get('data');
  return data === undefined || fields.get('event') === beatEvent
    ? undefined
    : { id: fields.get('id') ?? '', event: fields.get('event') ?? 'message', data: parse(data) };
}

function headersOf({ token }: Server): Record<string, string> {
  return token === undefined ? {} : { authorization: `Bearer ${token}` };
}

function search(query: Query = {}): string {
  const given = Object.entries(query).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, String(value)] as [string, string]],
  );
  return given.length === 0 ? '' : `?${new URLSearchParams(given)}`;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function toFailure(status: number, body: unknown): Failure {
  const problem: Partial<Problem> = typeof body === 'object' && body !== null ? body : {};
  const known = problem.code !== undefined && problem.code in failureCatalog;
  const details = (problem.problems ?? []).map(({ path, message }) => `${path === '' ? '' : `${path}: `}${message}`);
  // The API's hint is for who writes requests; who writes commands names a file.
  const hint =
    status === 401 ? 'liftlock login, or set LIFTLOCK_TOKEN_FILE to the file that `liftlock up` named' : problem.hint;
  return new Failure(
    known ? (problem.code as FailureCode) : 'unexpected/error',
    messageOf(problem.detail ?? `the control plane answered ${status}`, details),
    hint === undefined ? {} : { hint },
  );
}

/** Where in a request it is (`body.role`) is for who writes requests; and what is wrong is said once. */
function messageOf(detail: string, details: readonly string[]): string {
  const lines = details.length > 0 && detail.startsWith(details[0]!) ? details : [detail, ...details];
  return lines.map((one) => one.replace(/^(?:body|query|path)\.(?=[\w[\].]+: )/, '')).join('\n  ');
}

/** Asks the API as a careful program does: every command with a key of its own, repeated until it is answered. */
import { readFile } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { idempotencyKeyHeader } from '../../../src/api/contract/headers.ts';

export interface Client {
  get<T>(path: string): Promise<T>;
  /** With a key of its own unless one is given; `as` somebody else, who is made known when he first appears. */
  post<T>(path: string, body: object, options?: { key?: string; as?: string }): Promise<T>;
  /** Answers that did not come, or said "later", so far. */
  repeated(): number;
}

/** An answer that will not get better by asking again. */
class Refused extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

const patienceMs = 120_000;
const answerMs = 15_000;
const firstPauseMs = 100;
const longestPauseMs = 1_000;
let keys = 0;

/** `where` is asked before every attempt, since a control plane that comes back may answer at another port. */
export function createClient(where: () => { readonly url: string | undefined; readonly tokenFile: string }): Client {
  let repeated = 0;
  const tokens: Record<string, Promise<string>> = {};

  async function ask<T>(method: 'GET' | 'POST', path: string, request: Request): Promise<T> {
    const deadline = Date.now() + patienceMs;
    for (let pause = firstPauseMs; ; pause = Math.min(longestPauseMs, pause * 2)) {
      const answer = await attempt(method, path, request).catch((error: unknown) => error as Error);
      if (!(answer instanceof Error)) return answer as T;
      if (answer instanceof Refused || Date.now() > deadline) throw answer;
      repeated += 1;
      await wait(pause);
    }
  }

  async function attempt(method: 'GET' | 'POST', path: string, request: Request): Promise<unknown> {
    const { url, tokenFile } = where();
    if (url === undefined) throw new Error('no control plane answers now');
    const response = await fetch(`${url}${path}`, {
      method,
      headers: {
        Authorization: `Bearer ${request.token ?? (await readFile(tokenFile, 'utf8')).trim()}`,
        'Content-Type': 'application/json',
        ...request.headers,
      },
      signal: AbortSignal.timeout(answerMs),
      ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
    });
    const text = await response.text();
    if (response.ok) return JSON.parse(text);
    if (response.status >= 500 || text.includes('request/conflict'))
      throw new Error(`${method} ${path}: ${response.status} ${text}`);
    throw new Refused(response.status, `${method} ${path}: ${response.status} ${text}`);
  }

  const post = <T>(path: string, body: object, { key, token }: { key?: string; token?: string } = {}): Promise<T> =>
    ask('POST', path, {
      body,
      headers: { [idempotencyKeyHeader]: key ?? `scenario-${process.pid}-${++keys}` },
      ...(token === undefined ? {} : { token }),
    });

  return {
    get: (path) => ask('GET', path, {}),
    post: async (path, body, { key, as } = {}) =>
      post(path, body, {
        ...(key === undefined ? {} : { key }),
        ...(as === undefined ? {} : { token: await (tokens[as] ??= introduce(as)) }),
      }),
    repeated: () => repeated,
  };

  /** Makes a person who may approve anywhere; answers a token of his. */
  async function introduce(handle: string): Promise<string> {
    await post('/api/v1/people', { handle, name: handle });
    await post('/api/v1/grants', { person: handle, role: 'maintainer' });
    const { code } = await post<{ code: string }>(`/api/v1/people/${handle}/link`, {});
    return (await post<{ token: string }>('/api/v1/sign-in', { code })).token;
  }
}

interface Request {
  readonly body?: object;
  readonly headers?: Record<string, string>;
  /** The operator's when absent. */
  readonly token?: string;
}

/** Asks the API as a careful program does: every command with a key of its own, repeated until it is answered. */
import { readFile } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { idempotencyKeyHeader, actorHeader } from '../../../src/api/contract/headers.ts';

export interface Client {
  get<T>(path: string): Promise<T>;
  /** With a key of its own unless one is given. */
  post<T>(path: string, body: object, options?: { key?: string; actor?: string }): Promise<T>;
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

  async function ask<T>(
    method: 'GET' | 'POST',
    path: string,
    request: { body?: object; headers?: Record<string, string> },
  ): Promise<T> {
    const deadline = Date.now() + patienceMs;
    for (let pause = firstPauseMs; ; pause = Math.min(longestPauseMs, pause * 2)) {
      const answer = await attempt(method, path, request).catch((error: unknown) => error as Error);
      if (!(answer instanceof Error)) return answer as T;
      if (answer instanceof Refused || Date.now() > deadline) throw answer;
      repeated += 1;
      await wait(pause);
    }
  }

  async function attempt(
    method: 'GET' | 'POST',
    path: string,
    request: { body?: object; headers?: Record<string, string> },
  ): Promise<unknown> {
    const { url, tokenFile } = where();
    if (url === undefined) throw new Error('no control plane answers now');
    const response = await fetch(`${url}${path}`, {
      method,
      headers: {
        Authorization: `Bearer ${(await readFile(tokenFile, 'utf8')).trim()}`,
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

  return {
    get: (path) => ask('GET', path, {}),
    post: (path, body, { key, actor } = {}) =>
      ask('POST', path, {
        body,
        headers: {
          [idempotencyKeyHeader]: key ?? `scenario-${process.pid}-${++keys}`,
          ...(actor === undefined ? {} : { [actorHeader]: actor }),
        },
      }),
    repeated: () => repeated,
  };
}

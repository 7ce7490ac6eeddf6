/** Requests to the server that this page came from. */
import { written } from './written.ts';

/** What the server says when it does not do what was asked (RFC 9457). */
export interface Problem {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly hint?: string;
  readonly request_id?: string;
}

export class Refused extends Error {
  override readonly name = 'Refused';
  readonly problem: Problem;
  constructor(problem: Problem) {
    super(problem.detail);
    this.problem = problem;
  }
}

/** `/api/v1/projects/{project}` with its names filled in. */
export function pathOf(pattern: string, names: Readonly<Record<string, string>> = {}): string {
  return pattern.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(names[name] ?? ''));
}

export function look<Answer>(path: string, signal?: AbortSignal): Promise<Answer> {
  return ask<Answer>(path, { method: 'GET', ...(signal === undefined ? {} : { signal }) });
}

async function ask<Answer>(path: string, init: RequestInit): Promise<Answer> {
  const response = await fetch(path, { ...init, credentials: 'same-origin', redirect: 'error' }).catch(
    (error: unknown) => {
      if (init.signal?.aborted === true) throw error;
      throw new Refused({
        status: 0,
        code: 'server/unreachable',
        detail: 'the server does not answer',
        hint: 'This page tries again by itself.',
      });
    },
  );
  if (response.ok) return JSON.parse(written(await response.text())) as Answer;
  const problem = await problemOf(response).catch(() => undefined);
  throw new Refused({
    code: 'unexpected/error',
    detail: `the server answered ${response.status}`,
    ...problem,
    status: response.status,
  });
}

async function problemOf(response: Response): Promise<Partial<Problem>> {
  return JSON.parse(written(await response.text())) as Partial<Problem>;
}

/** A change. Told twice under the same key it happens once, so that a request that was lost can be repeated. */
export function change<Answer>(path: string, body: unknown, key: string): Promise<Answer> {
  return ask<Answer>(path, {
    method: 'POST',
    headers: {
      'Content-Type': body instanceof Uint8Array ? 'application/octet-stream' : 'application/json',
      'Idempotency-Key': key,
    },
    body: body instanceof Uint8Array ? (body as Uint8Array<ArrayBuffer>) : JSON.stringify(body),
  });
}

/** A request on its way to its answer, and the forms that an answer takes. */
import type { HttpBindings } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import type { Context } from 'hono';
import type { Failure } from '../domain/base/failure.ts';
import type { Log } from '../ports/log.ts';
import { problemMedia } from './contract/problem.ts';
import { toProblem } from './problem.ts';

export interface Env {
  Bindings: HttpBindings;
}

export interface Exchange {
  readonly c: Context<Env>;
  readonly requestId: string;
  readonly headers: Readonly<Record<string, string>>;
}

export function json({ headers }: Exchange, status: number, body: unknown): Response {
  return new Response(JSON.stringify(body), { status, headers: { ...headers, 'Content-Type': 'application/json' } });
}

/** Whatever it is, a browser must not take it for a page of ours. */
export function saved({ headers }: Exchange, content: Uint8Array): Response {
  const type = { 'Content-Type': 'application/octet-stream', 'Content-Disposition': 'attachment; filename="evidence"' };
  return new Response(content as Uint8Array<ArrayBuffer>, { headers: { ...headers, ...type } });
}

export function failed(log: Log, { c, requestId, headers }: Exchange, failure: Failure): Response {
  const problem = toProblem(failure, requestId);
  const fields = { requestId, method: c.req.method, path: c.req.path, code: failure.code, reason: failure.message };
  if (failure.code === 'unexpected/error')
    log.error('a request failed unexpectedly', {
      ...fields,
      stack: failure.cause instanceof Error ? failure.cause.stack : failure.stack,
    });
  else if (problem.status >= 500) log.warn('a request could not be answered', fields);
  if (c.env.outgoing.headersSent) {
    c.env.outgoing.destroy();
    return RESPONSE_ALREADY_SENT;
  }
  return new Response(JSON.stringify(problem), {
    status: problem.status,
    headers: { ...headers, ...headersFor(failure), 'Content-Type': problemMedia },
  });
}

function headersFor({ code, cause }: Failure): Record<string, string> {
  switch (code) {
    case 'request/unauthenticated':
      return { 'WWW-Authenticate': 'Bearer realm="liftlock"' };
    case 'request/method-not-allowed':
      return {
        Allow: (cause as { allowed: readonly string[] }).allowed
          .flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method]))
          .join(', '),
      };
    case 'input/too-large':
      // What was not read cannot be told from a next request.
      return { Connection: 'close' };
    case 'database/unreachable':
      return { 'Retry-After': '1' };
    default:
      return {};
  }
}

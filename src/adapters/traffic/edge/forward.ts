/** One request, to an instance and back, streaming both ways. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { errors } from 'undici';
import type { Dispatcher } from 'undici';
import type { Limits } from '../../../ports/traffic.ts';
import type { Address, Chosen } from './address.ts';
import { bounded, BodyTooLarge } from './body-limit.ts';
import { requestHeaders, responseHeaders } from './headers.ts';
import { mirror } from './mirror.ts';
import { couldNotReach, leastBusy, reached, type Upstream } from './upstream.ts';

export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** While the address closes, clients are asked with each answer to come back on another connection. */
  readonly isLeaving: () => boolean;
}

/** Requests that may be sent again when the first instance gave no answer (RFC 9110, 9.2.2), as long as they have no body. */
const repeatable = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE']);

export async function forward(address: Address, exchange: Exchange): Promise<void> {
  const begin = performance.now();
  const picked = address.choose(exchange.request.headers);
  const chosen = picked instanceof Promise ? await picked : picked;
  if (chosen === undefined) return refuse(exchange, 503, 'nothing serves here right now');
  const { side } = chosen;
  side.inFlight += 1;
  exchange.response.once('close', () => {
    side.inFlight -= 1;
    const answered = exchange.response.headersSent && exchange.response.writableFinished;
    // A client that left before the answer says nothing about the release.
    if (!answered && exchange.request.destroyed && !exchange.response.headersSent) return;
    side.counter.ended(answered ? exchange.response.statusCode : undefined, performance.now() - begin);
  });
  const { limits } = address.route;
  if (isTooLarge(exchange.request, limits)) return refuse(exchange, 413, 'the body is larger than allowed here');
  mirror(address, exchange.request);
  send(exchange, { chosen, limits, before: undefined });
}

interface Sending {
  readonly chosen: Chosen;
  readonly limits: Limits | undefined;
  /** The instance that gave no answer at the first try. */
  readonly before: Upstream | undefined;
}

function send(exchange: Exchange, sending: Sending): void {
  const { request } = exchange;
  const upstream = leastBusy(sending.chosen.side.upstreams, Date.now(), sending.before) ?? sending.before;
  if (upstream === undefined) return refuse(exchange, 502, 'no instance of this release can be reached');
  upstream.inFlight += 1;
  const hasBody = request.headers['content-length'] !== undefined || request.headers['transfer-encoding'] !== undefined;
  upstream.pool.dispatch(
    {
      path: request.url ?? '/',
      method: request.method as Dispatcher.HttpMethod,
      headers: requestHeaders(request),
      body: hasBody ? bounded(request, sending.limits?.bodyBytes) : null,
    },
    answerer(exchange, { sending, upstream, hasBody }),
  );
}

function answerer(
  exchange: Exchange,
  { sending, upstream, hasBody }: { sending: Sending; upstream: Upstream; hasBody: boolean },
): Dispatcher.DispatchHandler {
  const { request, response } = exchange;
  let left: (() => void) | undefined;
  const done = (): void => {
    upstream.inFlight -= 1;
    if (left !== undefined) response.off('close', left);
  };
  return {
    onRequestStart(controller) {
      // undici tells of a request again when it had to open another connection for it.
      if (left !== undefined) response.off('close', left);
      left = () => controller.abort(new Error('the client left'));
      response.once('close', left);
      if (response.destroyed) left();
    },
    onResponseStart(controller, status, headers) {
      if (status < 200) return;
      reached(upstream);
      const extra = sending.chosen.cookie === undefined ? [] : ['Set-Cookie', sending.chosen.cookie];
      if (exchange.isLeaving()) extra.push('Connection', 'close');
      const raw = (controller.rawHeaders ?? []) as readonly (Buffer | string)[];
      response.sendDate = headers['date'] === undefined;
      response.writeHead(status, responseHeaders(raw, extra));
    },
    onResponseData(controller, chunk) {
      if (response.write(chunk)) return;
      controller.pause();
      response.once('drain', () => controller.resume());
    },
    onResponseEnd() {
      done();
      response.end();
    },
    onResponseError(_, error) {
      done();
      if (response.destroyed) return;
      if (response.headersSent) {
        // Half an answer must not look like a whole one.
        response.destroy(error);
        return;
      }
      if (isUnreachable(error)) couldNotReach(upstream, Date.now());
      const again =
        !hasBody && sending.before === undefined && (isUnreachable(error) || isSafeToRepeat(request, error));
      if (again) return send(exchange, { ...sending, before: upstream });
      const { status, because } = explain(error);
      refuse(exchange, status, because);
    },
  };
}

/** Nothing of the request has reached anybody. */
function isUnreachable(error: Error): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return (
    error instanceof errors.ConnectTimeoutError ||
    code === 'ECONNREFUSED' ||
    code === 'EHOSTUNREACH' ||
    code === 'ENETUNREACH'
  );
}

/** The connection ended under the request: an idle one that the instance had just closed, most often. */
function isSafeToRepeat({ method }: IncomingMessage, error: Error): boolean {
  const { code } = error as NodeJS.ErrnoException;
  const cut = error instanceof errors.SocketError || code === 'ECONNRESET' || code === 'EPIPE';
  return cut && repeatable.has(method ?? '');
}

function explain(error: Error): { status: number; because: string } {
  if (error instanceof BodyTooLarge) return { status: 413, because: 'the body is larger than allowed here' };
  if (error instanceof errors.HeadersTimeoutError)
    return { status: 504, because: 'the release did not answer in time' };
  if (isUnreachable(error)) return { status: 502, because: 'no instance of this release can be reached' };
  return { status: 502, because: 'the release broke off before it answered' };
}

export function refuse({ response, isLeaving }: Exchange, status: number, because: string): void {
  if (response.headersSent || response.destroyed) return;
  response.writeHead(status, {
    'Content-Type': 'text/plain; charset=utf-8',
    ...(status === 503 ? { 'Retry-After': '1' } : {}),
    // What was not read of the request cannot be told from the next one.
    ...(status === 413 || isLeaving() ? { Connection: 'close' } : {}),
  });
  response.end(`${because}\n`);
}

function isTooLarge({ headers }: IncomingMessage, limits: Limits | undefined): boolean {
  return limits?.bodyBytes !== undefined && Number(headers['content-length'] ?? 0) > limits.bodyBytes;
}

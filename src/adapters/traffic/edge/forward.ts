/** One request, to an instance and back, streaming both ways. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { usualTimes } from '../../../domain/pipeline/traffic-limits.ts';
import type { Limits } from '../../../ports/traffic.ts';
import type { Address, Chosen } from './address.ts';
import { answerTo } from './answer.ts';
import type { Answered } from './connection.ts';
import type { Asked } from './connections.ts';
import { clientLeft, type End } from './counts.ts';
import { hasBody, requestHeaders } from './headers.ts';
import { InstanceFailed } from './instance-failed.ts';
import { mirror } from './mirror.ts';
import { BodyTooLarge } from './send-body.ts';
import { ClientTooSlow, watchBody } from './slow-client.ts';
import { couldNotReach, isUnreachable, leastBusy, reached, type Upstream } from './upstream.ts';

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
  const { request, response } = exchange;
  const picked = address.choose(request.headers);
  const chosen = picked instanceof Promise ? await picked : picked;
  // Its client has left while it was held: nobody was asked, and nothing of it will end.
  if (response.closed) return;
  if (chosen === undefined) return refuse(exchange, 503, 'nothing serves here right now');
  const { limits } = address.route;
  const sending: Sending = {
    chosen,
    limits,
    hasBody: hasBody(request),
    before: undefined,
    asked: undefined,
    broke: undefined,
  };
  chosen.side.inFlight += 1;
  const idleMs = limits?.idleMs ?? usualTimes.idleMs;
  const stop = sending.hasBody
    ? watchBody(request, idleMs, () => sending.asked?.abort(new ClientTooSlow('the rest of the request did not come')))
    : undefined;
  response.on('close', () => {
    stop?.();
    if (sending.asked !== undefined) sending.asked.abort(new Error('the client left'));
    chosen.side.inFlight -= 1;
    chosen.side.counter.ended(endOf(exchange, sending), performance.now() - begin, address.classOf(request));
  });
  if (isTooLarge(request, limits)) return refuse(exchange, 413, 'the body is larger than allowed here');
  mirror(address, request);
  send(exchange, sending);
}

/**
 * A client that leaves is no failure of the release, but counts with the time that it waited: a release that lets people wait until
 * they give up must not be spared by them.
 */
function endOf({ response }: Exchange, { broke }: Sending): End {
  if (broke !== undefined) return broke;
  return response.headersSent ? response.statusCode : clientLeft;
}

interface Sending {
  readonly chosen: Chosen;
  readonly limits: Limits | undefined;
  readonly hasBody: boolean;
  /** The instance that gave no answer at the first try. */
  before: Upstream | undefined;
  /** What is under way with an instance ends when the client leaves. */
  asked: Asked | undefined;
  /** No instance answered, or one broke off in the middle of its answer. */
  broke: 'unanswered' | 'brokenOff' | undefined;
}

function send(exchange: Exchange, sending: Sending): void {
  const { request } = exchange;
  const upstream = leastBusy(sending.chosen.side.upstreams, Date.now(), sending.before) ?? sending.before;
  if (upstream === undefined) {
    sending.broke = 'unanswered';
    return refuse(exchange, 502, 'no instance of this release can be reached');
  }
  const headers = requestHeaders(request, upstream.instance);
  upstream.inFlight += 1;
  sending.asked = upstream.connections.ask(
    {
      method: request.method ?? 'GET',
      target: request.url ?? '/',
      headers,
      body: sending.hasBody ? request : undefined,
      mostBytes: sending.limits?.bodyBytes,
      // With each request: an instance that goes on is held to limits that changed, too.
      answerMs: sending.limits?.answerMs ?? usualTimes.answerMs,
      idleMs: sending.limits?.idleMs ?? usualTimes.idleMs,
    },
    answered(exchange, sending, upstream),
  );
}

function answered(exchange: Exchange, sending: Sending, upstream: Upstream): Answered {
  const { response } = exchange;
  const answer = answerTo(response);
  const done = (): void => {
    sending.asked = undefined;
    upstream.inFlight -= 1;
  };
  return {
    begin(status, raw) {
      reached(upstream);
      const extra = sending.chosen.cookie === undefined ? [] : ['Set-Cookie', sending.chosen.cookie];
      if (exchange.isLeaving()) extra.push('Connection', 'close');
      answer.begin({ status, raw, extra });
    },
    data(bytes) {
      if (answer.data(bytes)) return true;
      // Once, however many pieces the instance has sent already.
      if (response.listenerCount('drain') === 0) response.once('drain', () => sending.asked?.resume());
      return false;
    },
    end() {
      done();
      answer.end();
    },
    failed(error) {
      done();
      failed(exchange, { sending, upstream, error });
    },
  };
}

function failed(
  exchange: Exchange,
  { sending, upstream, error }: { sending: Sending; upstream: Upstream; error: Error },
): void {
  const { request, response } = exchange;
  if (response.destroyed) return;
  if (response.headersSent) {
    // Half an answer must not look like a whole one.
    if (!(error instanceof ClientTooSlow)) sending.broke = 'brokenOff';
    response.destroy(error);
    return;
  }
  if (isUnreachable(error)) couldNotReach(upstream, Date.now());
  const again =
    !sending.hasBody && sending.before === undefined && (isUnreachable(error) || isSafeToRepeat(request, error));
  if (again) {
    sending.before = upstream;
    return send(exchange, sending);
  }
  const { status, because } = explain(error);
  if (status >= 500) sending.broke = 'unanswered';
  refuse(exchange, status, because);
}

/** The connection ended under the request: an idle one that the instance had just closed, most often. */
function isSafeToRepeat({ method }: IncomingMessage, error: Error): boolean {
  const { code } = error as NodeJS.ErrnoException;
  const cut = (error instanceof InstanceFailed && error.how === 'cut') || code === 'ECONNRESET' || code === 'EPIPE';
  return cut && repeatable.has(method ?? '');
}

function explain(error: Error): { status: number; because: string } {
  if (error instanceof BodyTooLarge) return { status: 413, because: 'the body is larger than allowed here' };
  if (error instanceof ClientTooSlow) return { status: 408, because: error.message };
  if (error instanceof InstanceFailed && error.how === 'late')
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
    ...(status === 413 || status === 408 || isLeaving() ? { Connection: 'close' } : {}),
  });
  response.end(`${because}\n`);
}

function isTooLarge({ headers }: IncomingMessage, limits: Limits | undefined): boolean {
  return limits?.bodyBytes !== undefined && Number(headers['content-length'] ?? 0) > limits.bodyBytes;
}

/** Copies of safe requests for a release that is only watched: nobody waits for its answers, and nobody sees them. */
import type { IncomingMessage } from 'node:http';
import { usualTimes } from '../../../domain/pipeline/traffic-limits.ts';
import type { Address } from './address.ts';
import { hasBody, requestHeaders } from './headers.ts';
import { leastBusy } from './upstream.ts';

/** A shadow that cannot keep up loses copies, never time of users. */
const mostInFlight = 64;

export function mirror(address: Address, request: IncomingMessage): void {
  if (address.shadow.length === 0 || hasBody(request)) return;
  if (request.method !== 'GET' && request.method !== 'HEAD') return;
  const upstream = leastBusy(address.shadow, Date.now());
  if (upstream === undefined || upstream.inFlight >= mostInFlight) return;
  const limits = address.route.limits ?? {};
  const done = () => void (upstream.inFlight -= 1);
  upstream.inFlight += 1;
  upstream.connections.ask(
    {
      method: request.method,
      target: request.url ?? '/',
      headers: [...requestHeaders(request, upstream.instance), 'X-Liftlock-Shadow', 'true'],
      body: undefined,
      mostBytes: undefined,
      answerMs: limits.answerMs ?? usualTimes.answerMs,
      idleMs: limits.idleMs ?? usualTimes.idleMs,
    },
    { begin: () => undefined, data: () => true, end: done, failed: done },
  );
}

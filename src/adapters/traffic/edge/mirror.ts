/** Copies of safe requests for a release that is only watched: nobody waits for its answers, and nobody sees them. */
import type { IncomingMessage } from 'node:http';
import { usualTimes } from '../../../domain/pipeline/traffic-limits.ts';
import type { Address } from './address.ts';
import { requestHeaders } from './headers.ts';
import { leastBusy } from './upstream.ts';

/** A shadow that cannot keep up loses copies, never time of users. */
const mostInFlight = 64;

export function mirror(address: Address, request: IncomingMessage): void {
  if (address.shadow.length === 0 || (request.method !== 'GET' && request.method !== 'HEAD')) return;
  const upstream = leastBusy(address.shadow, Date.now());
  if (upstream === undefined || upstream.inFlight >= mostInFlight) return;
  upstream.inFlight += 1;
  const connection = upstream.connections.take();
  const { connections } = upstream;
  const done = (end: 'give' | 'drop') => () => {
    upstream.inFlight -= 1;
    connections[end](connection);
  };
  connection.dispatch(
    {
      path: request.url ?? '/',
      method: request.method,
      headers: [...requestHeaders(request), 'X-Liftlock-Shadow', 'true'],
      body: null,
      headersTimeout: address.route.limits?.answerMs ?? usualTimes.answerMs,
      bodyTimeout: address.route.limits?.idleMs ?? usualTimes.idleMs,
    },
    {
      onRequestStart: () => undefined,
      onResponseStart: () => undefined,
      onResponseData: () => undefined,
      onResponseEnd: done('give'),
      onResponseError: done('drop'),
    },
  );
}

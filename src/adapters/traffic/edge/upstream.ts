/** One instance as the edge knows it: its connections, and whether it is worth asking. */
import type { Instance, Limits } from '../../../ports/traffic.ts';
import { openConnections, type Connections } from './connections.ts';

export interface Upstream {
  readonly instance: Instance;
  readonly connections: Connections;
  /** Requests under way. */
  inFlight: number;
  /** It could not be reached lately: others are asked first until then (epoch ms). */
  restsUntil: number;
  /** How often in a row it could not be reached. */
  refusals: number;
}

const shortestRestMs = 250;
const longestRestMs = 10_000;

export function openUpstream(instance: Instance, limits: Limits | undefined): Upstream {
  const connections = openConnections(`http://${authorityOf(instance)}`, {
    connect: { timeout: limits?.connectMs ?? 5_000 },
    headersTimeout: limits?.answerMs ?? 60_000,
    bodyTimeout: limits?.idleMs ?? 300_000,
    // Below what servers usually keep idle connections open for (Node: 5 s), so that we close first.
    keepAliveTimeout: 4_000,
    keepAliveMaxTimeout: 60_000,
    keepAliveTimeoutThreshold: 2_000,
  });
  return { instance, connections, inFlight: 0, restsUntil: 0, refusals: 0 };
}

export function authorityOf({ host, port }: Instance): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

export function couldNotReach(upstream: Upstream, now: number): void {
  upstream.refusals += 1;
  upstream.restsUntil = now + Math.min(longestRestMs, shortestRestMs * 2 ** Math.min(upstream.refusals, 10));
}

export function reached(upstream: Upstream): void {
  upstream.refusals = 0;
  upstream.restsUntil = 0;
}

/** The least busy one that is not resting; when all rest, the one that has rested longest. `except` was tried already. */
export function leastBusy(upstreams: readonly Upstream[], now: number, except?: Upstream): Upstream | undefined {
  const others = upstreams.filter((upstream) => upstream !== except);
  const awake = others.filter(({ restsUntil }) => restsUntil <= now);
  if (awake.length > 0) return awake.reduce((best, next) => (next.inFlight < best.inFlight ? next : best));
  return others.reduce<Upstream | undefined>(
    (best, next) => (best === undefined || next.restsUntil < best.restsUntil ? next : best),
    undefined,
  );
}

/** One instance as the edge knows it: its connections, and whether it is worth asking. */
import { usualTimes } from '../../../domain/pipeline/traffic-limits.ts';
import type { Instance, InstanceHealth, InstanceState, Limits } from '../../../ports/traffic.ts';
import { openConnections, type Connections } from './connections.ts';
import { InstanceFailed } from './instance-failed.ts';

export interface Upstream {
  readonly instance: Instance;
  readonly connections: Connections;
  /** Requests under way. */
  inFlight: number;
  /** It could not be reached lately: others are asked first until then (epoch ms). */
  restsUntil: number;
  /** How often in a row it could not be reached. */
  refusals: number;
  /** How it is asked whether it is well; absent while nobody asks. */
  health: InstanceHealth | undefined;
  /** It was asked and is not well: it gets no request until it is. */
  sick: boolean;
  /** When it was last chosen, counted in choices: of those that are equally busy the one that waited longest is next. */
  turn: number;
}

let turns = 0;

const shortestRestMs = 250;
const longestRestMs = 10_000;

export function openUpstream(instance: Instance, limits: Limits | undefined): Upstream {
  const connections = openConnections(instance, limits?.connectMs ?? usualTimes.connectMs);
  return { instance, connections, inFlight: 0, restsUntil: 0, refusals: 0, health: undefined, sick: false, turn: 0 };
}

export function couldNotReach(upstream: Upstream, now: number): void {
  upstream.refusals += 1;
  // Whoever asks it regularly says when it is back.
  upstream.sick = upstream.health !== undefined;
  upstream.restsUntil = now + Math.min(longestRestMs, shortestRestMs * 2 ** Math.min(upstream.refusals, 10));
}

/** Nothing of the request has reached anybody. */
export function isUnreachable(error: Error): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return (
    (error instanceof InstanceFailed && error.how === 'unreachable') ||
    code === 'ECONNREFUSED' ||
    code === 'EHOSTUNREACH' ||
    code === 'ENETUNREACH'
  );
}

export function reached(upstream: Upstream): void {
  upstream.refusals = 0;
  upstream.restsUntil = 0;
}

export function stateOf({ instance, inFlight, sick, restsUntil }: Upstream, now: number): InstanceState {
  return { ...instance, inFlight, well: !sick && restsUntil <= now };
}

/**
 * The least busy one that is well and not resting; when there is none, the one that has rested longest: an attempt is worth more than
 * a refusal. `except` was tried already.
 */
export function leastBusy(upstreams: readonly Upstream[], now: number, except?: Upstream): Upstream | undefined {
  if (upstreams.length === 1 && upstreams[0] !== except) return upstreams[0];
  const others = upstreams.filter((upstream) => upstream !== except);
  const awake = others.filter(({ restsUntil, sick }) => !sick && restsUntil <= now);
  const chosen =
    awake.length > 0 ? first(awake, ({ inFlight }) => inFlight) : first(others, ({ restsUntil }) => restsUntil);
  if (chosen !== undefined) chosen.turn = ++turns;
  return chosen;
}

function first(upstreams: readonly Upstream[], by: (upstream: Upstream) => number): Upstream | undefined {
  let best = upstreams[0];
  for (const next of upstreams) {
    const less = by(next) - by(best!);
    if (less < 0 || (less === 0 && next.turn < best!.turn)) best = next;
  }
  return best;
}

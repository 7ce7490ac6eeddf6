/**
 * Replacing the instances of one release by those of another, a few at a time: what may be started or stopped next, so that never
 * more than `surge` run above what is wanted and never more than `unavailable` below it are ready. The rule is that of Kubernetes'
 * Deployments (maxSurge, maxUnavailable); going back is the same with the sides exchanged.
 */
import type { Amount } from '../pipeline/rollout-spec.ts';

export interface ReplaceLimits {
  /** How many there are to be of both releases together, before, between and after. */
  readonly instances: number;
  readonly surge: number;
  readonly unavailable: number;
}

/** How many instances of each release there should be. */
export interface Sizes {
  readonly fresh: number;
  readonly stable: number;
}

export interface Standing {
  /** All that were started and not stopped, ready or not. */
  readonly all: number;
  readonly ready: number;
}

export type Move =
  | { readonly do: 'start' | 'stop'; readonly side: keyof Sizes; readonly count: number }
  /** Something has to become ready first. */
  | { readonly do: 'wait' }
  | { readonly do: 'done' };

const sides = ['fresh', 'stable'] as const;

/** Whoever stops instances takes those that are not ready first. */
export function nextMove(limits: ReplaceLimits, wish: Sizes, seen: Readonly<Record<keyof Sizes, Standing>>): Move {
  const room = limits.instances + limits.surge - seen.fresh.all - seen.stable.all;
  const spare = seen.fresh.ready + seen.stable.ready - (limits.instances - limits.unavailable);
  for (const side of sides) {
    const count = Math.min(wish[side] - seen[side].all, room);
    if (count > 0) return { do: 'start', side, count };
  }
  for (const side of sides) {
    const excess = seen[side].all - wish[side];
    const idle = seen[side].all - seen[side].ready;
    const count = Math.min(excess, idle > 0 ? idle : spare);
    if (count > 0) return { do: 'stop', side, count };
  }
  const done = sides.every((side) => seen[side].all === wish[side] && seen[side].ready === wish[side]);
  return { do: done ? 'done' : 'wait' };
}

/** Room is rounded up and what may be missing down, so that a percentage never promises more than it keeps. */
export function limitsOf(
  { maxSurge, maxUnavailable }: { readonly maxSurge: Amount; readonly maxUnavailable: Amount },
  instances: number,
): ReplaceLimits {
  return {
    instances,
    surge: Math.ceil(countOf(maxSurge, instances)),
    unavailable: Math.min(instances, Math.floor(countOf(maxUnavailable, instances))),
  };
}

function countOf(amount: Amount, instances: number): number {
  return 'part' in amount ? Math.round(amount.part * instances * 1_000) / 1_000 : amount.instances;
}

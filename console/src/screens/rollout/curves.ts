/** The course of a rollout as rows of numbers: for the chart, for the table that says the same, and for the sum of each step. */
import type { RolloutSeriesView } from '../../../../src/api/contract/rollouts.ts';

type Point = RolloutSeriesView['points'][number];
type Side = Point['ofNew'];

/** One number for each point; null where nothing was counted. */
export type Curve = readonly (number | null)[];

export interface Curves {
  /** Seconds since 1970, as the chart wants them. */
  readonly at: readonly number[];
  readonly failed: Pair;
  /** Answered with 4xx; absent while nobody was, so that it takes no room. */
  readonly refused?: Pair;
  readonly p95: Pair;
  readonly perSecond: Pair;
  readonly percent: Curve;
}

interface Pair {
  readonly ofNew: Curve;
  readonly ofStable: Curve;
}

export function curvesOf(points: readonly Point[]): Curves {
  const pair = (value: (side: Side, point: Point) => number | null): Pair => ({
    ofNew: points.map((point) => value(point.ofNew, point)),
    ofStable: points.map((point) => value(point.ofStable, point)),
  });
  const wasRefused = points.some(({ ofNew, ofStable }) => (ofNew.clientErrors ?? 0) + (ofStable.clientErrors ?? 0) > 0);
  return {
    at: points.map(({ at }) => at / 1_000),
    failed: pair(({ errorRate }) => percent(errorRate)),
    ...(wasRefused ? { refused: pair(({ clientErrorRate }) => percent(clientErrorRate)) } : {}),
    p95: pair(({ p95Ms }) => p95Ms),
    perSecond: pair(({ requests }, { from, at }) => (at > from ? (1_000 * requests) / (at - from) : null)),
    percent: points.map(({ percent }) => percent),
  };
}

/** Of 100 instead of 1. */
export function percent(rate: number | null): number | null {
  return rate === null ? null : rate * 100;
}

/** Where one step ends and the next begins. */
export function boundariesOf(points: readonly Point[]): readonly { readonly at: number; readonly step: number }[] {
  return points.flatMap(({ from, step }, index) =>
    step === null || step === points[index - 1]?.step ? [] : [{ at: from / 1_000, step }],
  );
}

export interface Counted {
  readonly ofNew: { readonly requests: number; readonly failures: number };
  readonly ofStable: { readonly requests: number; readonly failures: number };
}

/** What was counted in each step, by its number; requests of the warm-up are not judged and left out. */
export function countedBySteps(points: readonly Point[]): ReadonlyMap<number, Counted> {
  const sums = new Map<number, Counted>();
  for (const { step, ofNew, ofStable } of points) {
    if (step === null) continue;
    const before = sums.get(step) ?? { ofNew: nothing, ofStable: nothing };
    sums.set(step, { ofNew: plus(before.ofNew, ofNew), ofStable: plus(before.ofStable, ofStable) });
  }
  return sums;
}

const nothing = { requests: 0, failures: 0 };

function plus(left: Counted['ofNew'], right: Counted['ofNew']): Counted['ofNew'] {
  return { requests: left.requests + right.requests, failures: left.failures + right.failures };
}

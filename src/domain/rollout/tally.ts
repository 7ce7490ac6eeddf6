/**
 * What the metrics of a rollout said so far. It is kept with the rollout, so that a look reads only the turns that came since the
 * look before, and one after a week costs what one after a minute does.
 */
import type { Instant } from '../base/time.ts';
import { counting, nothingCounted, type Counted, type MeasurementWord } from '../verdict/analysis.ts';

/** One measurement of one metric; there is one at most for a turn. */
export interface Turn {
  readonly metric: string;
  /** Counted from the first time at which it was to be measured, in steps of `every`. */
  readonly turn: number;
  readonly dueAt: Instant;
  /** Absent while it is being measured. */
  readonly says: MeasurementWord | undefined;
}

export interface Tally {
  /** The last turn in it; −1 before the first. */
  readonly turn: number;
  /** All of them, for people to see. */
  readonly said: Readonly<Record<MeasurementWord, number>>;
  /** What decides. */
  readonly counted: Counted;
}

/** By the name of the metric. */
export interface Tallied {
  readonly tallies?: Readonly<Record<string, Tally>> | undefined;
  /** A person went on although nobody could tell: what was due before says little from then on. */
  readonly metricsFrom?: Instant | undefined;
}

const nothingSaid: Tally = {
  turn: -1,
  said: { success: 0, failure: 0, inconclusive: 0, error: 0 },
  counted: nothingCounted,
};

export function tallyOf({ tallies }: Tallied, metric: string): Tally {
  return tallies?.[metric] ?? nothingSaid;
}

/** With turns of each metric in their order. One that is being measured, or is in it already, changes nothing. */
export function withTurns<Kept extends Tallied>(kept: Kept, turns: readonly Turn[]): Kept {
  const tallies = { ...kept.tallies };
  let grew = false;
  for (const { metric, turn, dueAt, says } of turns) {
    const before = tallyOf({ tallies }, metric);
    if (says === undefined || turn <= before.turn) continue;
    const forgotten = kept.metricsFrom !== undefined && dueAt < kept.metricsFrom && says !== 'failure';
    tallies[metric] = {
      turn,
      said: { ...before.said, [says]: before.said[says] + 1 },
      counted: forgotten ? before.counted : counting(before.counted, says),
    };
    grew = true;
  }
  return grew ? { ...kept, tallies } : kept;
}

/** A failure is not forgotten when a person goes on after nobody could tell; everything else begins again then. */
export function beginAgain<Kept extends Tallied>(kept: Kept, metricsFrom: Instant): Kept {
  if (kept.tallies === undefined) return { ...kept, metricsFrom };
  const tallies = Object.entries(kept.tallies).map(([metric, tally]) => {
    const counted = { ...nothingCounted, failure: tally.counted.failure };
    return [metric, { ...tally, counted }] as const;
  });
  return { ...kept, metricsFrom, tallies: Object.fromEntries(tallies) };
}

/** The verdicts of a rollout computed again from what was counted and measured, by the functions that gave them. */
import { canonicalJson, type Json } from '../base/digest.ts';
import type { Instant } from '../base/time.ts';
import { freshComparison, type Comparison } from '../verdict/comparison.ts';
import { wordOf, type MetricReading, type MetricWord } from '../verdict/metric.ts';
import { verdictOf, withSpan, type RolloutVerdict } from './judge.ts';
import { metricsOf, type Turn } from './metrics.ts';
import type { Rollout } from './rollout.ts';
import type { Look } from './series.ts';

/** What was decided, and what it depended on beside what was counted until then. */
export interface RecordedVerdict {
  readonly at: Instant;
  readonly step: number;
  readonly decided: 'enter' | 'pause' | 'return' | 'finish';
  /** The step's time was over. */
  readonly atEnd: boolean;
  readonly metricsFrom?: Instant | undefined;
  /** Of each metric, the last turn that was measured by then. */
  readonly seen: Readonly<Record<string, number>>;
  /** Absent where nothing was judged. */
  readonly verdict?: RolloutVerdict | undefined;
}

export interface MeasuredAgain extends Turn {
  readonly measured: (MetricWord & { readonly reading: MetricReading }) | undefined;
}

export interface Recomputation {
  readonly rollout: Rollout;
  readonly turns: readonly MeasuredAgain[];
  readonly left: readonly RecordedVerdict[];
  readonly comparison: Comparison;
  readonly done: readonly CheckedVerdict[];
  readonly looks: number;
  /** The first look says what was known of the stable release before; what an older version recorded lacks it. */
  readonly knows: boolean;
}

export interface CheckedVerdict {
  readonly recorded: RecordedVerdict;
  readonly computed: RolloutVerdict | undefined;
  readonly equal: boolean;
}

export interface Recomputed {
  /** `gone`: removed because they are old. `incomplete`: recorded by a version that kept less. */
  readonly inputs: 'complete' | 'gone' | 'incomplete';
  /** Everything that is recorded is what follows from the inputs. */
  readonly equal: boolean;
  readonly verdicts: readonly CheckedVerdict[];
  readonly counts: { readonly computed: Comparison; readonly equal: boolean };
  /** Measurements whose word is not what their reading comes to. */
  readonly wrong: readonly {
    readonly metric: string;
    readonly turn: number;
    readonly recorded: MetricWord;
    readonly computed: MetricWord;
  }[];
}

export function beginRecomputation(
  rollout: Rollout,
  { verdicts, turns }: { verdicts: readonly RecordedVerdict[]; turns: readonly MeasuredAgain[] },
): Recomputation {
  return { rollout, turns, left: verdicts, comparison: freshComparison, done: [], looks: 0, knows: false };
}

/** With looks that came after those it has. A verdict depends on what was counted up to its own moment. */
export function withMore(recomputation: Recomputation, looks: readonly Look[]): Recomputation {
  let now = recomputation;
  for (const { at, span } of looks) {
    while (now.left[0] !== undefined && now.left[0].at < at) now = checked(now);
    const knows = now.looks === 0 ? span.known !== undefined : now.knows;
    now = { ...now, comparison: withSpan(now.comparison, span), looks: now.looks + 1, knows };
  }
  return now;
}

export function ended(recomputation: Recomputation): Recomputed {
  let now = recomputation;
  while (now.left.length > 0) now = checked(now);
  const { rollout, comparison, done, looks, knows } = now;
  const wasCounted = rollout.reading !== undefined;
  const inputs = !wasCounted ? 'complete' : looks === 0 ? 'gone' : knows ? 'complete' : 'incomplete';
  const counts = { computed: comparison, equal: isSame(comparison, rollout.comparison) };
  const wrong = wrongWords(rollout, now.turns);
  const equal = inputs === 'complete' && counts.equal && wrong.length === 0 && done.every((one) => one.equal);
  return { inputs, equal, verdicts: done, counts, wrong };
}

function checked(now: Recomputation): Recomputation {
  const [recorded, ...left] = now.left;
  if (recorded === undefined) return now;
  const { step, metricsFrom, seen, atEnd } = recorded;
  const turns = now.turns.flatMap(({ measured, ...turn }) => {
    if (measured === undefined || turn.turn > (seen[turn.metric] ?? -1)) return [];
    const spec = metricsOf(now.rollout).find(({ name }) => name === turn.metric);
    return spec === undefined ? [] : [{ ...turn, says: wordOf(spec, measured.reading).says }];
  });
  const then: Rollout = { ...now.rollout, at: step, state: { is: 'going' }, metricsFrom, comparison: now.comparison };
  const computed = verdictOf(then, turns, atEnd);
  return { ...now, left, done: [...now.done, { recorded, computed, equal: isSame(computed, recorded.verdict) }] };
}

function wrongWords(rollout: Rollout, turns: readonly MeasuredAgain[]): Recomputed['wrong'] {
  return turns.flatMap(({ metric, turn, measured }) => {
    const spec = metricsOf(rollout).find(({ name }) => name === metric);
    if (measured === undefined || spec === undefined) return [];
    const { says, because, reading } = measured;
    const computed = wordOf(spec, reading);
    return computed.says === says && computed.because === because
      ? []
      : [{ metric, turn, recorded: { says, because }, computed }];
  });
}

function isSame(left: object | undefined, right: object | undefined): boolean {
  return canonicalJson((left ?? null) as Json) === canonicalJson((right ?? null) as Json);
}

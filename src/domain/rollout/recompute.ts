/** The verdicts of a rollout computed again from what was counted and measured, by the functions that gave them. */
import { canonicalJson, type Json } from '../base/digest.ts';
import type { Instant } from '../base/time.ts';
import { freshComparison, type Comparison } from '../verdict/comparison.ts';
import { wordOf, type MetricReading, type MetricWord } from '../verdict/metric.ts';
import { verdictOf, withSpan, type RolloutVerdict } from './judge.ts';
import { metricsOf } from './metrics.ts';
import type { Rollout } from './rollout.ts';
import type { Look } from './series.ts';
import { tallyOf, withTurns, type Tallied, type Tally, type Turn } from './tally.ts';

/** What was decided, and what it depended on beside what was counted until then. */
export interface RecordedVerdict {
  readonly at: Instant;
  readonly step: number;
  readonly decided: 'enter' | 'pause' | 'resume' | 'return' | 'finish';
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
  readonly left: readonly VerdictThen[];
  /** What metrics had said when the rollout last counted it. */
  readonly tallied: Tallied;
  readonly wrong: Recomputed['wrong'];
  readonly comparison: Comparison;
  readonly done: readonly CheckedVerdict[];
  readonly looks: number;
  /** The first look says what was known of the stable release before; what an older version recorded lacks it. */
  readonly knows: boolean;
}

interface VerdictThen {
  readonly recorded: RecordedVerdict;
  /** What metrics had said by then. */
  readonly tallied: Tallied;
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
  /** What each metric said, counted again. */
  readonly metrics: readonly {
    readonly name: string;
    readonly recorded: Tally;
    readonly computed: Tally;
    readonly equal: boolean;
  }[];
  /** Measurements whose word is not what their reading comes to. */
  readonly wrong: readonly {
    readonly metric: string;
    readonly turn: number;
    readonly recorded: MetricWord;
    readonly computed: MetricWord;
  }[];
}

export function beginRecomputation(rollout: Rollout, verdicts: readonly RecordedVerdict[]): Recomputation {
  return {
    rollout,
    left: verdicts.map((recorded) => ({ recorded, tallied: { metricsFrom: recorded.metricsFrom } })),
    tallied: { metricsFrom: rollout.metricsFrom },
    wrong: [],
    comparison: freshComparison,
    done: [],
    looks: 0,
    knows: false,
  };
}

/** With turns that came after those it has. To be told of all of them before the first look. */
export function withMeasured(recomputation: Recomputation, measured: readonly MeasuredAgain[]): Recomputation {
  const { rollout, left, tallied, wrong } = recomputation;
  const turns = measured.flatMap(({ measured: found, ...turn }) => {
    const spec = metricsOf(rollout).find(({ name }) => name === turn.metric);
    return spec === undefined || found === undefined ? [] : [{ ...turn, says: wordOf(spec, found.reading).says }];
  });
  const until = (last: (metric: string) => number) => turns.filter(({ metric, turn }) => turn <= last(metric));
  return {
    ...recomputation,
    left: left.map((then) => {
      const seen = until((metric) => then.recorded.seen[metric] ?? -1);
      return { ...then, tallied: withTurns(then.tallied, seen) };
    }),
    tallied: withTurns(
      tallied,
      until((metric) => tallyOf(rollout, metric).turn),
    ),
    wrong: [...wrong, ...wrongWords(rollout, measured)],
  };
}

/** With looks that came after those it has. A verdict depends on what was counted up to its own moment. */
export function withMore(recomputation: Recomputation, looks: readonly Look[]): Recomputation {
  let now = recomputation;
  for (const { at, span } of looks) {
    while (now.left[0] !== undefined && now.left[0].recorded.at < at) now = checked(now);
    const knows = now.looks === 0 ? span.known !== undefined : now.knows;
    now = { ...now, comparison: withSpan(now.comparison, span), looks: now.looks + 1, knows };
  }
  return now;
}

export function ended(recomputation: Recomputation): Recomputed {
  let now = recomputation;
  while (now.left.length > 0) now = checked(now);
  const { rollout, comparison, done, wrong } = now;
  const inputs = inputsOf(now);
  const counts = { computed: comparison, equal: isSame(comparison, rollout.comparison) };
  const metrics = metricsOf(rollout).map(({ name }) => {
    const [recorded, computed] = [tallyOf(rollout, name), tallyOf(now.tallied, name)];
    return { name, recorded, computed, equal: isSame(recorded, computed) };
  });
  const isEqual = [...done, ...metrics, counts].every(({ equal }) => equal);
  const equal = inputs === 'complete' && wrong.length === 0 && isEqual;
  return { inputs, equal, verdicts: done, counts, metrics, wrong };
}

function inputsOf({ rollout, tallied, looks, knows }: Recomputation): Recomputed['inputs'] {
  const areTurnsGone = rollout.tallies !== undefined && tallied.tallies === undefined;
  if (areTurnsGone || (rollout.reading !== undefined && looks === 0)) return 'gone';
  return rollout.reading === undefined || knows ? 'complete' : 'incomplete';
}

function checked(now: Recomputation): Recomputation {
  const [then, ...left] = now.left;
  if (then === undefined) return now;
  const { recorded, tallied } = then;
  const { step, atEnd } = recorded;
  const before: Rollout = {
    ...now.rollout,
    at: step,
    state: { is: 'going' },
    metricsFrom: recorded.metricsFrom,
    ledAt: hasLed(now.rollout, step) ? now.rollout.ledAt : undefined,
    tallies: tallied.tallies,
    comparison: now.comparison,
  };
  const computed = verdictOf(before, atEnd);
  return { ...now, left, done: [...now.done, { recorded, computed, equal: isSame(computed, recorded.verdict) }] };
}

/** Before any request or copy was led to it there was nothing to judge, whatever came later. */
function hasLed({ steps }: Rollout, until: number): boolean {
  return steps
    .slice(0, until + 1)
    .some(({ step }) => step === 'weight' || step === 'group' || step === 'shadow' || step === 'replace');
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

/** Rollouts played without a world: what is decided second by second, for properties that hold in all of them. */
import fc from 'fast-check';
import type { PromotionId } from '../../src/domain/base/id.ts';
import { instant, type Duration, type Instant } from '../../src/domain/base/time.ts';
import { emptySample, type Sample } from '../../src/domain/observation/sample.ts';
import type { MetricSpec } from '../../src/domain/pipeline/metric-spec.ts';
import type { CanaryStep } from '../../src/domain/pipeline/rollout-spec.ts';
import type { MeasurementWord } from '../../src/domain/verdict/analysis.ts';
import { command, rolloutVerbs, type RolloutVerb } from '../../src/domain/rollout/command.ts';
import { decide, eventOf, type RolloutDecision, type RolloutFacts } from '../../src/domain/rollout/decide.ts';
import { measure } from '../../src/domain/rollout/judge.ts';
import { dueTurns } from '../../src/domain/rollout/metrics.ts';
import {
  beginRollout,
  evolve,
  trafficOf,
  type Reading,
  type Rollout,
  type RolloutPlan,
} from '../../src/domain/rollout/rollout.ts';
import { withTurns, type Turn } from '../../src/domain/rollout/tally.ts';

export const seconds = (count: number) => (count * 1_000) as Duration;

const step: fc.Arbitrary<CanaryStep> = fc.oneof(
  fc.record({
    step: fc.constant('weight' as const),
    percent: fc.integer({ min: 1, max: 99 }),
    for: fc.constant(seconds(4)),
  }),
  fc.record({ step: fc.constant('pause' as const), for: fc.constant(seconds(2)) }),
  fc.constant({ step: 'pause' } as const),
  fc.constant({ step: 'group', by: 'header', name: 'x-beta', for: seconds(3) } as const),
  fc.constant({ step: 'shadow', for: seconds(2) } as const),
  fc.constant({ step: 'check', name: 'smoke', run: './smoke', timeout: seconds(60) } as const),
);

/** Weights in a file only grow. */
const steps = fc.array(step, { maxLength: 6 }).map((list) => {
  const percents = list.flatMap((one) => (one.step === 'weight' ? [one.percent] : [])).sort((a, b) => a - b);
  return list.map((one) => (one.step === 'weight' ? { ...one, percent: percents.shift()! } : one));
});

const metric = (name: string): fc.Arbitrary<MetricSpec> =>
  fc.record({
    name: fc.constant(name),
    source: fc.constant({ from: 'command', run: './look', read: 'exit-code' } as const),
    every: fc.constantFrom(seconds(1), seconds(2), seconds(5)),
    delay: fc.constantFrom(seconds(0), seconds(1)),
    timeout: fc.constant(seconds(1)),
    limits: fc.record({
      failures: fc.nat(1),
      inconclusives: fc.nat(2),
      consecutiveErrors: fc.nat(2),
      successes: fc.nat(2),
    }),
    dryRun: fc.boolean(),
  });

const metrics = fc.oneof(
  fc.constant([]),
  metric('lag').map((one) => [one]),
  fc.tuple(metric('lag'), metric('queue')),
);

export const plan: fc.Arbitrary<RolloutPlan> = fc.record({
  strategy: fc.constant('canary' as const),
  steps,
  analysis: fc.oneof(
    fc.constant('none' as const),
    metrics.map((wanted) => ({
      alpha: 0.01,
      minRequests: 20,
      warmUp: seconds(1),
      errorRate: 0.5,
      dryRun: [],
      metrics: wanted,
    })),
  ),
  users: fc.constant('none' as const),
});

export interface Moment {
  readonly stop: boolean;
  readonly stable: RolloutFacts['stable'];
  readonly fresh: RolloutFacts['fresh'];
  readonly check: 'yes' | 'no' | 'unknown';
  readonly verb: RolloutVerb | undefined;
  readonly requests: number;
  readonly failures: number;
  /** What metrics that are being measured say now; `undefined` while it takes longer. */
  readonly word: MeasurementWord | undefined;
}

const mostly = <T>(usual: T, ...rare: readonly T[]) =>
  fc.oneof({ weight: 30, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: fc.constantFrom(...rare) });

export const moment: fc.Arbitrary<Moment> = fc.record({
  stop: mostly(false, true),
  stable: mostly<RolloutFacts['stable']>('serves', 'silent', 'down', 'lost'),
  fresh: mostly<RolloutFacts['fresh']>(
    { is: 'serves' },
    { is: 'down', because: 'it exited with 1', byItself: true },
    { is: 'down', because: 'the machine was restarted', byItself: false },
  ),
  check: mostly<Moment['check']>('yes', 'no', 'unknown'),
  verb: mostly<RolloutVerb | undefined>(undefined, ...rolloutVerbs),
  requests: fc.integer({ min: 0, max: 200 }),
  failures: mostly(0, 0, 100),
  word: fc.oneof(
    { weight: 20, arbitrary: fc.constant<MeasurementWord>('success') },
    { weight: 2, arbitrary: fc.constantFrom<MeasurementWord | undefined>('inconclusive', 'error', undefined) },
    { weight: 1, arbitrary: fc.constant<MeasurementWord>('failure') },
  ),
});

export interface Seen {
  readonly before: Rollout;
  readonly facts: RolloutFacts;
  readonly decision: RolloutDecision;
  readonly after: Rollout;
  /** All that were begun until then. */
  readonly turns: readonly Turn[];
}

export const promotion = 'prm_1' as PromotionId;

/** The engine without a world: it reads, decides and records, a second each time. */
export function play(made: RolloutPlan, moments: readonly Moment[]): readonly Seen[] {
  let rollout = beginRollout(promotion, made, instant(0));
  let reading: Reading = { counter: 'one', ofNew: { all: emptySample }, ofStable: { all: emptySample } };
  const seen: Seen[] = [];
  let turns: readonly Turn[] = [];
  for (const [index, now] of moments.entries()) {
    const at = instant((index + 1) * 1_000);
    reading = more(rollout, reading, now);
    rollout = measure(rollout, reading, at).rollout;
    if (now.verb !== undefined) rollout = asked(rollout, now.verb, at);
    turns = turns.map((turn) => ({ ...turn, says: turn.says ?? now.word }));
    rollout = withTurns(rollout, turns);
    const before = rollout;
    const open = turns.filter(({ says }) => says === undefined);
    turns = [...turns, ...dueTurns(rollout, open, at).map((due) => ({ ...due, says: undefined }))];
    const check = rollout.steps[rollout.at]?.step === 'check' ? { says: now.check, because: 'so' } : undefined;
    const facts: RolloutFacts = {
      now: at,
      stop: now.stop ? 'aborted' : undefined,
      stable: now.stable,
      fresh: now.fresh,
      check,
    };
    const decision = decide(rollout, facts);
    const event = eventOf(rollout, decision, { by: 'system:engine', at });
    if (event !== undefined) rollout = evolve(rollout, event);
    seen.push({ before, facts, decision, after: rollout, turns });
  }
  return seen;
}

export function asked(rollout: Rollout, verb: RolloutVerb, at: Instant): Rollout {
  const answer = command(rollout, { do: verb, by: 'ada', reason: '', at });
  return answer.accepted ? answer.events.reduce(evolve, rollout) : rollout;
}

function more(rollout: Rollout, reading: Reading, { requests, failures }: Moment): Reading {
  const grow = (sample: Sample, by: number, failed: number): Sample => ({
    requests: sample.requests + by,
    failures: sample.failures + Math.min(by, failed),
    latency: { counts: { 200: (sample.latency.counts[200] ?? 0) + by } },
  });
  const part = Math.round((requests * trafficOf(rollout).weight) / 10_000);
  return {
    ...reading,
    ofNew: { all: grow(reading.ofNew['all']!, part, failures) },
    ofStable: { all: grow(reading.ofStable['all']!, requests - part, 0) },
  };
}

export function always(check: (seen: readonly Seen[], made: RolloutPlan) => void): void {
  fc.assert(
    fc.property(plan, fc.array(moment, { maxLength: 60 }), (made, moments) => check(play(made, moments), made)),
    { numRuns: 400 },
  );
}

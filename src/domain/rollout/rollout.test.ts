import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { PromotionId } from '../base/id.ts';
import { instant, type Duration, type Instant } from '../base/time.ts';
import { emptySample, type Sample } from '../observation/sample.ts';
import type { CanaryStep } from '../pipeline/rollout-spec.ts';
import { command, rolloutVerbs, type RolloutVerb } from './command.ts';
import { decide, eventOf, type RolloutDecision, type RolloutFacts } from './decide.ts';
import { measure } from './judge.ts';
import { beginRollout, evolve, isExposed, trafficOf, type Reading, type Rollout, type RolloutPlan } from './rollout.ts';

const seconds = (count: number) => (count * 1_000) as Duration;

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

const plan: fc.Arbitrary<RolloutPlan> = fc.record({
  strategy: fc.constant('canary' as const),
  steps,
  analysis: fc.constantFrom('none' as const, {
    alpha: 0.01,
    minRequests: 20,
    warmUp: seconds(1),
    errorRate: 0.5,
    dryRun: [],
  }),
  users: fc.constant('none' as const),
});

interface Moment {
  readonly stop: boolean;
  readonly stable: RolloutFacts['stable'];
  readonly fresh: RolloutFacts['fresh'];
  readonly check: 'yes' | 'no' | 'unknown';
  readonly verb: RolloutVerb | undefined;
  readonly requests: number;
  readonly failures: number;
}

const mostly = <T>(usual: T, ...rare: readonly T[]) =>
  fc.oneof({ weight: 30, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: fc.constantFrom(...rare) });

const moment: fc.Arbitrary<Moment> = fc.record({
  stop: mostly(false, true),
  stable: mostly<RolloutFacts['stable']>('serves', 'down', 'lost'),
  fresh: mostly<RolloutFacts['fresh']>(
    { is: 'serves' },
    { is: 'down', because: 'it exited with 1', byItself: true },
    { is: 'down', because: 'the machine was restarted', byItself: false },
  ),
  check: mostly<Moment['check']>('yes', 'no', 'unknown'),
  verb: mostly<RolloutVerb | undefined>(undefined, ...rolloutVerbs),
  requests: fc.integer({ min: 0, max: 200 }),
  failures: mostly(0, 0, 100),
});

interface Seen {
  readonly before: Rollout;
  readonly facts: RolloutFacts;
  readonly decision: RolloutDecision;
  readonly after: Rollout;
}

const promotion = 'prm_1' as PromotionId;

/** The engine without a world: it reads, decides and records, a second each time. */
function play(made: RolloutPlan, moments: readonly Moment[]): readonly Seen[] {
  let rollout = beginRollout(promotion, made, instant(0));
  let reading: Reading = { counter: 'one', ofNew: { all: emptySample }, ofStable: { all: emptySample } };
  const seen: Seen[] = [];
  for (const [index, now] of moments.entries()) {
    const at = instant((index + 1) * 1_000);
    reading = more(rollout, reading, now);
    rollout = measure(rollout, reading, at).rollout;
    if (now.verb !== undefined) rollout = asked(rollout, now.verb, at);
    const before = rollout;
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
    seen.push({ before, facts, decision, after: rollout });
  }
  return seen;
}

function asked(rollout: Rollout, verb: RolloutVerb, at: Instant): Rollout {
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

function always(check: (seen: readonly Seen[], made: RolloutPlan) => void): void {
  fc.assert(
    fc.property(plan, fc.array(moment, { maxLength: 60 }), (made, moments) => check(play(made, moments), made)),
    { numRuns: 400 },
  );
}

test('R14: a stop returns all traffic, whatever state the rollout is in and whatever else is true', () => {
  always((seen) => {
    for (const { before, facts, decision, after } of seen.filter(({ facts: { stop } }) => stop !== undefined)) {
      assert.equal(decision.do, 'return');
      assert.equal(trafficOf(after).weight, 0);
      if (before.state.is !== 'returned')
        assert.deepEqual(after.state, { is: 'returned', why: 'stopped', because: 'aborted', at: facts.now });
    }
  });
});

test('R31: steps run in order, and each is left only by its own end, a person, or a stable release that is down', () => {
  always((seen) => {
    for (const { before, decision, facts } of seen) {
      if (decision.do !== 'enter') continue;
      assert.ok(decision.step > before.at);
      if (facts.stable === 'serves') assert.equal(decision.step, before.at + 1);
    }
  });
});

test('R31: a pause without a time ends by a person only, while the stable release serves', () => {
  always((seen) => {
    for (const { before, facts, decision } of seen) {
      const here = before.steps[before.at];
      const endless = here?.step === 'pause' && here.for === undefined && before.state.is === 'going';
      if (endless && facts.stable === 'serves') assert.ok(decision.do === 'wait' || decision.do === 'return');
    }
  });
});

test('the share of the new release only grows until it is all or nothing, and what is returned stays returned', () => {
  always((seen) => {
    for (const [index, { after }] of seen.entries()) {
      const earlier = seen[index - 1]?.after;
      if (earlier?.state.is === 'returned') assert.equal(after.state, earlier.state);
      if (after.state.is !== 'returned')
        assert.ok(trafficOf(after).weight >= (earlier ? trafficOf(earlier).weight : 0));
    }
  });
});

test('no user reaches the new release before a step says so', () => {
  always((seen) => {
    for (const { after } of seen) {
      const exposing = after.steps
        .slice(0, after.at + 1)
        .some(({ step: name }) => name === 'weight' || name === 'group');
      if (after.state.is !== 'finished') assert.equal(isExposed(after), exposing && after.state.is !== 'returned');
    }
  });
});

test('R35: a step whose requests nobody could judge never ends by itself in success', () => {
  always((seen, { analysis }) => {
    if (analysis === 'none') return;
    for (const { before, decision, facts } of seen) {
      const here = before.steps[before.at];
      if (before.state.is !== 'going' || facts.stable !== 'serves' || here?.step !== 'weight') continue;
      const judged = before.comparison.ofNew.requests - before.step.requestsBefore;
      const few =
        Math.min(before.comparison.ofNew.requests, before.comparison.ofStable.requests) < analysis.minRequests;
      if (judged === 0 || few) assert.ok(['wait', 'pause', 'return'].includes(decision.do), decision.do);
    }
  });
});

test('R13: what ended by no fault of its own, or could not be checked, is not called worse', () => {
  always((seen) => {
    for (const { before, decision, facts } of seen) {
      if (before.state.is === 'finished' || before.state.is === 'returned' || facts.stop !== undefined) continue;
      if (facts.fresh.is === 'down')
        assert.equal(decision.do === 'return' && decision.why, facts.fresh.byItself ? 'worse' : 'unknown');
      else if (facts.check?.says === 'unknown' && decision.do === 'return')
        assert.match(decision.because, /failed/, 'only what was counted leads back here');
    }
  });
});

test('R34: a stable release that is down holds nothing up', () => {
  always((seen) => {
    for (const { decision, facts } of seen) if (facts.stable !== 'serves') assert.notEqual(decision.do, 'wait');
  });
});

test('R34: where a person has to say how it goes on, a stable release that is down is started again, and left only when it is lost', () => {
  always((seen) => {
    for (const { before, decision, facts } of seen) {
      const here = before.steps[before.at];
      const forPerson =
        before.state.is === 'paused' ||
        (before.state.is === 'going' && here?.step === 'pause' && here.for === undefined);
      if (!forPerson || facts.stop !== undefined || facts.fresh.is === 'down') assert.notEqual(decision.do, 'mend');
      else if (facts.stable === 'down') assert.ok(decision.do === 'mend' || decision.do === 'return');
      else if (facts.stable === 'lost') assert.ok(['enter', 'finish', 'return'].includes(decision.do), decision.do);
    }
  });
});

test('a paused rollout changes nothing by itself, but is judged', () => {
  always((seen) => {
    for (const { before, decision, facts } of seen)
      if (before.state.is === 'paused' && facts.stable === 'serves')
        assert.ok(decision.do === 'wait' || decision.do === 'return');
  });
});

test('asked again with the same facts, it decides the same: repeating after a crash changes nothing', () => {
  always((seen) => {
    for (const { before, facts, decision } of seen) assert.deepEqual(decide(before, facts), decision);
  });
});

test('R31: promoting fully is recorded with what was left out, and an abort still wins afterwards', () => {
  const made: RolloutPlan = {
    strategy: 'canary',
    steps: [
      { step: 'weight', percent: 10, for: seconds(60) },
      { step: 'pause' },
      { step: 'weight', percent: 50, for: seconds(60) },
    ],
    analysis: 'none',
    users: 'none',
  };
  const rollout = beginRollout(promotion, made, instant(0));
  const answer = command(rollout, { do: 'promote', by: 'ada', reason: '', at: instant(5) });
  assert.deepEqual(answer, {
    accepted: true,
    events: [
      {
        event: 'rollout.promoted',
        by: 'ada',
        skipped: ['10 % of the requests', 'a pause until a person resumes it', '50 % of the requests'],
        at: instant(5),
      },
    ],
  });
  const promoted = asked(rollout, 'promote', instant(5));
  assert.equal(trafficOf(promoted).weight, 10_000);
  const facts: RolloutFacts = {
    now: instant(6),
    stop: 'aborted by bob',
    stable: 'serves',
    fresh: { is: 'serves' },
    check: undefined,
  };
  assert.equal(decide(promoted, facts).do, 'return');
});

test('the time for which a person paused a step does not count for it', () => {
  const made: RolloutPlan = {
    strategy: 'canary',
    steps: [{ step: 'weight', percent: 10, for: seconds(10) }],
    analysis: 'none',
    users: 'none',
  };
  const paused = asked(beginRollout(promotion, made, instant(0)), 'pause', instant(4_000));
  const resumed = asked(paused, 'resume', instant(100_000));
  const facts = (now: number): RolloutFacts => ({
    now: instant(now),
    stop: undefined,
    stable: 'serves',
    fresh: { is: 'serves' },
    check: undefined,
  });
  assert.equal(decide(resumed, facts(105_999)).do, 'wait');
  assert.equal(decide(resumed, facts(106_000)).do, 'finish');
});

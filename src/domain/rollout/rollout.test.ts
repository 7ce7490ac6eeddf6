import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { always, asked, play, promotion, seconds, type Moment } from '../../../test/make/rollout.ts';
import { instant } from '../base/time.ts';
import { command } from './command.ts';
import { decide, type RolloutFacts } from './decide.ts';
import { beginRollout, isExposed, trafficOf, type RolloutPlan } from './rollout.ts';

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
      if (decision.do === 'revive')
        assert.ok(
          facts.fresh.is === 'down' && !facts.fresh.byItself && facts.stable === 'down',
          'nothing else is left',
        );
      else if (facts.fresh.is === 'down')
        assert.equal(decision.do === 'return' && decision.why, facts.fresh.byItself ? 'worse' : 'unknown');
      else if (facts.check?.says === 'unknown' && decision.do === 'return')
        assert.match(decision.because, /failed|failures/, 'only what was counted or measured leads back here');
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
      else if (facts.stable === 'down' || facts.stable === 'silent')
        assert.ok(decision.do === 'mend' || decision.do === 'return');
      else if (facts.stable === 'lost') assert.ok(['enter', 'finish', 'return'].includes(decision.do), decision.do);
    }
  });
});

test('R13: while neither release answers nobody calls the new one worse, and both are left', () => {
  const fresh = { is: 'down', because: 'no answer', byItself: false } as const;
  always((seen) => {
    for (const { before, facts } of seen) {
      if (before.state.is !== 'going' || facts.stop !== undefined || before.replacing !== undefined) continue;
      const decision = decide(before, { ...facts, stable: 'silent', fresh });
      assert.equal(decision.do === 'return' && decision.why, 'unknown');
    }
  });
});

test('a paused rollout changes nothing by itself, but is judged', () => {
  always((seen) => {
    for (const { before, decision, facts } of seen)
      if (before.state.is === 'paused' && facts.stable === 'serves')
        assert.ok(['wait', 'return', 'resume'].includes(decision.do), decision.do);
  });
});

test('R35: what paused for want of requests goes on once they come, and what a person paused does not', () => {
  const calm = { stop: false, stable: 'serves', fresh: { is: 'serves' }, check: 'yes', verb: undefined } as const;
  const moments = (count: number, requests: number): Moment[] =>
    Array.from({ length: count }, () => ({ ...calm, requests, failures: 0, word: 'success' }));
  const made: RolloutPlan = {
    strategy: 'canary',
    steps: [{ step: 'weight', percent: 20, for: seconds(4) }],
    analysis: { alpha: 0.01, minRequests: 20, warmUp: seconds(1), dryRun: [], metrics: [] },
    users: 'none',
  };
  const busy = fc.integer({ min: 5, max: 200 });
  fc.assert(
    fc.property(fc.nat(30), busy, fc.boolean(), (quiet, requests, byPerson) => {
      const night: Moment[] = [...moments(10, 0), { ...moments(1, 0)[0]!, verb: byPerson ? 'pause' : undefined }];
      const seen = play(made, [...night, ...moments(quiet, 0), ...moments(60, requests)]);
      const { state } = seen[night.length - 1]!.after;
      assert.equal(state.is === 'paused' && state.cause, byPerson ? 'person' : 'few-requests');
      const resumed = seen.findIndex(({ decision }) => decision.do === 'resume');
      if (byPerson) return assert.equal(resumed, -1);
      const { before, after, facts } = seen[resumed]!;
      assert.ok(Math.min(before.comparison.ofNew.requests, before.comparison.ofStable.requests) >= 20);
      assert.equal(after.step.since, facts.now, 'its step begins anew');
      assert.equal(seen.at(-1)!.after.state.is, 'finished');
    }),
  );
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

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  factsWith,
  hour,
  idOf,
  later,
  minute,
  noon,
  occupancies,
  questionWith,
  releaseWith,
  runsNow,
  specWith,
  triggered,
  upstreams,
  upstreamWith,
  verifiedAs,
} from '../../../test/make/facts.ts';
import { plus, type Duration } from '../base/time.ts';
import type { UpstreamFacts } from '../promotion/facts.ts';
import { availability, availableGate, forwardGate, freshGate, soakedFor, soakGate } from './availability.ts';

const names = ['testing', 'staging'];
const after = (mode: 'all' | 'any', environments: readonly string[] = names) =>
  specWith({ after: { mode, environments } });
const passed = (upstream: UpstreamFacts) => upstream.verified?.verdict === 'PASS';
const failed = (upstream: UpstreamFacts) => upstream.verified?.verdict === 'FAIL';

test('R1: all means verified in every environment before this one', () => {
  fc.assert(
    fc.property(upstreams(names), (upstream) => {
      assert.equal(availability(after('all'), releaseWith(1, { upstream })).answer === 'open', upstream.every(passed));
    }),
  );
});

test('R1: any means verified in at least one of them', () => {
  fc.assert(
    fc.property(upstreams(names), (upstream) => {
      assert.equal(availability(after('any'), releaseWith(1, { upstream })).answer === 'open', upstream.some(passed));
    }),
  );
});

test('R1: nothing before it means that anything may enter', () => {
  assert.equal(availability(specWith(), releaseWith(1)).answer, 'open');
});

test('R2: environments are named but nothing is known about them: not open', () => {
  for (const mode of ['all', 'any'] as const)
    assert.equal(availability(after(mode), releaseWith(1, { upstream: [] })).answer, 'waiting');
  const half = releaseWith(1, { upstream: [upstreamWith('testing')] });
  assert.equal(availability(after('all'), half).answer, 'waiting');
});

test('R2, R20: never verified and inconclusive wait; they are not a pass', () => {
  for (const verified of [undefined, verifiedAs('INCONCLUSIVE')]) {
    const release = releaseWith(7, { upstream: [upstreamWith('staging', { verified })] });
    const answer = availability(after('all', ['staging']), release);
    assert.equal(answer.answer, 'waiting');
    assert.match(answer.because, /release #7.*staging/);
  }
});

test('R3: a failed later verification closes, and says what failed', () => {
  fc.assert(
    fc.property(upstreams(names), (upstream) => {
      const all = availability(after('all'), releaseWith(1, { upstream }));
      assert.equal(all.answer === 'closed', upstream.some(failed));
      const any = availability(after('any'), releaseWith(1, { upstream }));
      assert.equal(any.answer === 'closed', upstream.every(failed));
    }),
  );
  const revoked = upstreamWith('staging', { verified: verifiedAs('FAIL', { reason: '3 of 40 tests failed' }) });
  const answer = availability(after('all', ['staging']), releaseWith(7, { upstream: [revoked] }));
  assert.equal(answer.because, 'release #7 failed its verification in staging: 3 of 40 tests failed');
});

test('R17: what is missing is named for every environment, not only for the first', () => {
  const release = releaseWith(7, { upstream: names.map((name) => upstreamWith(name, { verified: undefined })) });
  for (const mode of ['all', 'any'] as const) {
    const answer = availability(after(mode), release);
    for (const name of names) assert.ok(answer.because.includes(name), answer.because);
  }
});

test('R36: a rollback asks for no verification upstream, and the answer says why', () => {
  const facts = factsWith({ spec: { after: { mode: 'all', environments: names } } });
  const answer = availableGate.answer(
    questionWith({ facts, kind: 'rollback', release: releaseWith(1, { upstream: [] }) }),
  );
  assert.equal(answer?.answer, 'open');
  assert.match(answer!.because, /verified here/);
});

const soakFor = (required: Duration, mode: 'all' | 'any', upstream: readonly UpstreamFacts[], at = noon) => {
  const facts = factsWith({
    spec: {
      after: { mode, environments: upstream.map(({ environment }) => environment) },
      gates: [{ gate: 'soak', for: required }],
    },
    now: at,
  });
  return soakGate.answer(questionWith({ facts, release: releaseWith(2, { upstream }) }));
};

test('R4: soak counts from the later of deployment and verification', () => {
  const occupied = { from: later(-5 * hour), until: undefined };
  assert.equal(
    soakedFor(upstreamWith('staging', { verified: verifiedAs('PASS', { since: later(-hour) }), occupied }), noon),
    hour,
  );
  assert.equal(
    soakedFor(upstreamWith('staging', { verified: verifiedAs('PASS', { since: later(-9 * hour) }), occupied }), noon),
    5 * hour,
  );
});

test('R4: soak never shrinks while the release stays, and stops when another one replaces it', () => {
  fc.assert(
    fc.property(upstreams(['staging']), occupancies, fc.nat({ max: hour }), (made, occupied, more) => {
      const upstream = { ...made[0]!, occupied };
      const now = soakedFor(upstream, noon);
      const then = soakedFor(upstream, later(more));
      assert.ok(then >= now);
      const accrues = passed(upstream) && occupied !== undefined && occupied.until === undefined;
      assert.equal(then - now, accrues ? more : 0);
      assert.ok(passed(upstream) || now === 0);
    }),
  );
});

test('R4: a soak opens exactly at the time it named', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: hour }), fc.integer({ min: 1, max: 3 * hour }), (soaked, required) => {
      const upstream = [upstreamWith('staging', { verified: verifiedAs('PASS', { since: later(-soaked) }) })];
      const answer = soakFor(required as Duration, 'all', upstream);
      if (soaked >= required) return assert.equal(answer?.answer, 'open');
      assert.ok(answer?.answer === 'waiting' && answer.askAgainAt !== undefined);
      assert.equal(soakFor(required as Duration, 'all', upstream, answer.askAgainAt)?.answer, 'open');
      assert.equal(
        soakFor(required as Duration, 'all', upstream, plus(answer.askAgainAt, -1 as Duration))?.answer,
        'waiting',
      );
    }),
  );
});

test('R4: a release that was replaced before it had soaked does not open by waiting', () => {
  const replaced = upstreamWith('staging', { occupied: { from: later(-hour), until: later(-minute) } });
  const answer = soakFor((2 * hour) as Duration, 'all', [replaced]);
  assert.ok(answer?.answer === 'waiting' && answer.waitsFor === 'upstream');
  assert.equal(answer.askAgainAt, undefined);
  assert.match(answer.because, /another release replaced it/);
});

test('R4: all waits for the last environment to have soaked, any for the first', () => {
  const young = upstreamWith('testing', { verified: verifiedAs('PASS', { since: later(-minute) }) });
  const old = upstreamWith('staging', { verified: verifiedAs('PASS', { since: later(-hour) }) });
  const required = (2 * hour) as Duration;
  const all = soakFor(required, 'all', [young, old]);
  const any = soakFor(required, 'any', [young, old]);
  assert.ok(all?.answer === 'waiting' && any?.answer === 'waiting');
  assert.equal(all.askAgainAt, later(2 * hour - minute));
  assert.equal(any.askAgainAt, later(hour));
  assert.equal(soakFor(hour, 'any', [young, old])?.answer, 'open');
  assert.equal(soakFor(hour, 'all', [young, old])?.answer, 'waiting');
});

test('R4: with nothing verified the soak has not started', () => {
  assert.equal(soakFor(hour, 'all', [upstreamWith('staging', { verified: undefined })])?.answer, 'waiting');
  assert.equal(soakGate.answer(questionWith()), undefined);
});

const freshWithin = (within: Duration, mode: 'all' | 'any', upstream: readonly UpstreamFacts[]) => {
  const facts = factsWith({ spec: { after: { mode, environments: names }, gates: [{ gate: 'fresh', within }] } });
  return freshGate.answer(questionWith({ facts, release: releaseWith(2, { upstream }) }));
};

test('R4: a success older than allowed closes the gate, one exactly as old does not', () => {
  const verifiedAgo = (age: number) => [upstreamWith('staging', { verified: verifiedAs('PASS', { at: later(-age) }) })];
  assert.equal(freshWithin(hour, 'all', verifiedAgo(hour))?.answer, 'open');
  const stale = freshWithin(hour, 'all', verifiedAgo(hour + 1));
  assert.equal(stale?.answer, 'closed');
  assert.match(stale!.because, /verified in staging .* ago; at most/);
});

test('R4: all needs every success fresh, any needs one', () => {
  const fresh = upstreamWith('testing', { verified: verifiedAs('PASS', { at: noon }) });
  const stale = upstreamWith('staging', { verified: verifiedAs('PASS', { at: later(-2 * hour) }) });
  assert.equal(freshWithin(hour, 'all', [fresh, stale])?.answer, 'closed');
  assert.equal(freshWithin(hour, 'any', [fresh, stale])?.answer, 'open');
});

test('R20: what was never verified is not fresh', () => {
  for (const verified of [undefined, verifiedAs('FAIL'), verifiedAs('INCONCLUSIVE')]) {
    assert.equal(freshWithin(hour, 'any', [upstreamWith('staging', { verified })])?.answer, 'waiting');
  }
});

test('R6: a trigger never brings an older release back; a person and a rollback are not asked', () => {
  const facts = factsWith({ running: runsNow(5) });
  const asked = (number: number) =>
    forwardGate.answer(questionWith({ facts, release: releaseWith(number), origin: triggered(number) }));
  assert.equal(asked(4)?.answer, 'closed');
  assert.match(asked(4)!.because, /already runs the newer release #5/);
  assert.equal(asked(6), undefined);
  assert.equal(
    forwardGate.answer(questionWith({ facts, release: releaseWith(4), origin: { by: 'person', actor: 'ann' } })),
    undefined,
  );
  assert.equal(
    forwardGate.answer(
      questionWith({ facts, release: releaseWith(4), origin: { by: 'engine', cause: idOf('prm', 5) } }),
    ),
    undefined,
  );
});

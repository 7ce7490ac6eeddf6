import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  anyFacts,
  factsWith,
  hour,
  idOf,
  later,
  promotionWith,
  releaseWith,
  runsNow,
  upstreamWith,
  verifiedAs,
} from '../../../test/make/facts.ts';
import { propose } from './automation.ts';
import type { Duration } from '../base/time.ts';
import type { EnvironmentFacts, ReleaseFacts } from './facts.ts';
import { outcomes } from './promotion.ts';

function proposed(facts: EnvironmentFacts) {
  return propose(facts, (release) => isAvailable(facts, release));
}

/** R1, said again in one line. */
function isAvailable({ spec: { after } }: EnvironmentFacts, { upstream }: ReleaseFacts): boolean {
  const passed = upstream.filter(({ verified }) => verified?.verdict === 'PASS').length;
  return after.environments.length === 0 || passed >= (after.mode === 'all' ? after.environments.length : 1);
}

function numbers(facts: EnvironmentFacts): readonly number[] {
  return proposed(facts).map(({ release }) => release.number);
}

function holdsForAll(check: (release: ReleaseFacts, facts: EnvironmentFacts) => void): void {
  let seen = 0;
  fc.assert(
    fc.property(anyFacts, (facts) => {
      for (const { release } of proposed(facts)) {
        seen += 1;
        check(release, facts);
      }
    }),
    { numRuns: 2_000 },
  );
  assert.ok(seen > 50, `only ${seen} proposals were looked at`);
}

test('R6: automation proposes nothing that is not newer than what runs', () => {
  holdsForAll((release, { running }) => assert.ok(running === undefined || release.number > running.number));
});

test('R30: a vetoed release is never proposed', () => {
  holdsForAll((release) => assert.equal(release.veto, undefined));
});

test('R10: what failed, errored, stayed inconclusive, was aborted or rolled back is not tried again by automation', () => {
  holdsForAll((release) =>
    assert.ok(release.lastOutcome === undefined || ['succeeded', 'refused'].includes(release.lastOutcome)),
  );
  for (const lastOutcome of outcomes) {
    const facts = factsWith({ releases: [releaseWith(1, { lastOutcome })] });
    const retried = lastOutcome === 'succeeded' || lastOutcome === 'refused' || lastOutcome === 'superseded';
    assert.deepEqual(numbers(facts), retried ? [1] : [], lastOutcome);
  }
});

test('R10: a newer release goes on after one that failed', () => {
  assert.deepEqual(numbers(factsWith({ releases: [releaseWith(2), releaseWith(1, { lastOutcome: 'failed' })] })), [2]);
});

test('R28: while automation is on hold, or the environment is pinned or manual, nothing is proposed', () => {
  fc.assert(
    fc.property(anyFacts, (facts) => {
      fc.pre(facts.hold !== undefined || facts.pin !== undefined || facts.spec.queue === 'manual');
      assert.deepEqual(proposed(facts), []);
    }),
  );
});

test('R11: nothing is proposed for an event that already made a promotion of the release', () => {
  fc.assert(
    fc.property(anyFacts, (facts) => {
      for (const { release, origin } of proposed(facts)) assert.ok(!facts.usedKeys.has(`${release.id} ${origin.key}`));
    }),
    { numRuns: 1_000 },
  );
});

test('R11: what was proposed is not proposed again once it is open, or once its event was used', () => {
  fc.assert(
    fc.property(anyFacts, (facts) => {
      const first = proposed(facts);
      const open = [...facts.open, ...first.map(({ release, origin }) => promotionWith(release.number, { origin }))];
      assert.deepEqual(proposed({ ...facts, open }), []);
      const usedKeys = new Set([
        ...facts.usedKeys,
        ...first.map(({ release, origin }) => `${release.id} ${origin.key}`),
      ]);
      const again = proposed({ ...facts, usedKeys }).map(({ release, origin }) => `${release.id} ${origin.key}`);
      assert.ok(first.every(({ release, origin }) => !again.includes(`${release.id} ${origin.key}`)));
    }),
    { numRuns: 1_000 },
  );
});

test('R8: latest proposes one, newer than everything open; queue proposes all that are due, oldest first', () => {
  fc.assert(
    fc.property(anyFacts, (facts) => {
      const found = numbers(facts);
      assert.deepEqual(found, [...found].toSorted());
      if (facts.spec.queue === 'queue') return;
      assert.ok(found.length <= 1);
      assert.ok(found.every((number) => facts.open.every(({ release }) => release < idOf('rel', number))));
    }),
  );
  assert.deepEqual(
    numbers(factsWith({ spec: { queue: 'queue' }, releases: [releaseWith(3), releaseWith(2)], running: runsNow(1) })),
    [2, 3],
  );
});

test('R1: on success, only what may enter by its verifications is proposed', () => {
  holdsForAll((release, facts) => {
    if (facts.spec.triggers.some(({ on }) => on === 'success')) assert.ok(isAvailable(facts, release));
  });
});

test('R3: a success that was revoked and regained is a new event', () => {
  const success = {
    triggers: [{ on: 'success' as const }],
    after: { mode: 'all' as const, environments: ['staging'] },
  };
  const regained = (since: number) =>
    releaseWith(1, { upstream: [upstreamWith('staging', { verified: verifiedAs('PASS', { since: later(since) }) })] });
  const [first] = proposed(factsWith({ spec: success, releases: [regained(-hour)] }));
  const usedKeys = new Set([`${idOf('rel', 1)} ${first!.origin.key}`]);
  assert.deepEqual(proposed(factsWith({ spec: success, releases: [regained(-hour)], usedKeys })), []);
  assert.equal(proposed(factsWith({ spec: success, releases: [regained(-1)], usedKeys })).length, 1);
});

const nightly = {
  on: 'schedule' as const,
  schedule: { zone: 'UTC', days: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const, at: '02:00' },
  grace: (11 * hour) as Duration,
};
const atTwo = later(-10 * hour);

function scheduled(since: number, usedKeys: readonly string[] = []): EnvironmentFacts {
  const verified = verifiedAs('PASS', { at: later(since), since: later(since) });
  return factsWith({
    spec: { triggers: [nightly], after: { mode: 'all', environments: ['staging'] } },
    releases: [releaseWith(2, { upstream: [upstreamWith('staging', { verified })] })],
    usedKeys: new Set(usedKeys),
  });
}

test('R11: one time of a schedule makes one promotion, whichever release took it', () => {
  assert.deepEqual(
    proposed(scheduled(-11 * hour)).map(({ origin }) => origin.key),
    [`schedule:${atTwo}`],
  );
  assert.deepEqual(proposed(scheduled(-11 * hour, [`${idOf('rel', 1)} schedule:${atTwo}`])), []);
});

test('R39: a schedule that was missed by less than its grace is made up for, but not for what became available afterwards', () => {
  assert.equal(proposed(scheduled(-11 * hour)).length, 1);
  assert.deepEqual(proposed(scheduled(-9 * hour)), []);
  const tomorrow = { ...scheduled(-9 * hour), now: later(14 * hour) };
  assert.equal(proposed(tomorrow).length, 1);
});

test('R39: without environments before it, a schedule asks for releases that existed when its time came', () => {
  const made = (createdAt: number) =>
    factsWith({ spec: { triggers: [nightly] }, releases: [releaseWith(1, { createdAt: later(createdAt) })] });
  assert.equal(proposed(made(-11 * hour)).length, 1);
  assert.deepEqual(proposed(made(-9 * hour)), []);
});

test('R11: without a matching event nothing is proposed, and a manual trigger is never one', () => {
  assert.deepEqual(proposed(factsWith({ releases: [releaseWith(1, { sightings: [] })] })), []);
  assert.deepEqual(proposed(factsWith({ spec: { triggers: [{ on: 'manual' }] }, releases: [releaseWith(1)] })), []);
});

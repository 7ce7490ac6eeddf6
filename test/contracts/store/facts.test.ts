import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { PostgresStore } from '../../../src/adapters/postgres/store.ts';
import type { EnvironmentId, ReleaseId } from '../../../src/domain/base/id.ts';
import { instant } from '../../../src/domain/base/time.ts';
import type { EnvironmentFacts } from '../../../src/domain/promotion/facts.ts';
import type { Outcome, Promotion } from '../../../src/domain/promotion/promotion.ts';
import { newId, withStore } from '../../world/make.ts';
import { byTrigger, insertRelease, insertShop, later, makePromotion, makeSpec, occupy } from '../../make/records.ts';

const now = instant(10_000_000);

describe('facts of an environment', () => {
  let store: PostgresStore;
  withStore((opened) => (store = opened));

  const factsOf = async (environment: EnvironmentId, alsoRelease?: ReleaseId): Promise<EnvironmentFacts> => {
    const options = { now, ...(alsoRelease === undefined ? {} : { alsoRelease }) };
    const shown = await store.facts(environment, options);
    assert.deepEqual(await store.transaction((tx) => tx.environments.facts(environment, options)), shown);
    return shown!;
  };
  const numbers = (facts: EnvironmentFacts): readonly number[] => facts.releases.map(({ number }) => number);
  const ended = (environment: EnvironmentId, release: ReleaseId, outcome: Outcome, changes: Partial<Promotion> = {}) =>
    makePromotion(environment, release, { progress: { state: 'ended', outcome, endedAt: later() }, ...changes });

  test('an environment nobody knows has no facts to show, and is refused to the engine', async () => {
    assert.equal(await store.facts(newId('env'), { now }), undefined);
    await assert.rejects(
      store.transaction((tx) => tx.environments.facts(newId('env'), { now })),
      { code: 'environment/unknown' },
    );
  });

  test('a new environment knows its specification and the pipeline in force, and nothing else', async () => {
    const spec = makeSpec('staging');
    const { project, environments } = await store.transaction((tx) => insertShop(tx, [spec]));
    assert.deepEqual(await factsOf(environments['staging']!), {
      id: environments['staging'],
      spec,
      mainBranch: 'main',
      trust: { signatures: 'none', separation: 'none', breakGlass: 'none' },
      revision: project.revision,
      running: undefined,
      hold: undefined,
      pin: undefined,
      schedule: { since: 0, seen: 0 },
      lease: undefined,
      suppressions: [],
      baseline: undefined,
      freezes: [],
      freezesAhead: [],
      open: [],
      releases: [],
      breakGlasses: [],
      overdue: [],
      usedKeys: new Set(),
      now,
    });
  });

  test('candidates are releases newer than the one running whose commit was seen where a trigger looks', async () => {
    const triggers = [{ on: 'main' }, { on: 'tag', pattern: 'v*' }] as const;
    const { facts, seen, occupant } = await store.transaction(async (tx) => {
      const { project, environments } = await insertShop(tx, [makeSpec('staging', { triggers })]);
      const staging = environments['staging']!;
      const running = await insertRelease(tx, project.id);
      await occupy(tx, project.id, { environment: staging, release: running.id });
      const made = [
        await insertRelease(tx, project.id),
        await insertRelease(tx, project.id, ['refs/heads/feature']),
        await insertRelease(tx, project.id, ['refs/tags/v1.0', 'refs/heads/main']),
        await insertRelease(tx, project.id, []),
      ];
      return { facts: await tx.environments.facts(staging, { now }), seen: made, occupant: running };
    });
    assert.deepEqual(numbers(facts), [4, 2]);
    assert.deepEqual(
      facts.releases.map(({ sightings }) => sightings),
      [
        [
          { trigger: 'main', key: `main:${seen[2]!.commit}` },
          { trigger: 'tag', key: `tag:v1.0:${seen[2]!.commit}` },
        ],
        [{ trigger: 'main', key: `main:${seen[0]!.commit}` }],
      ],
    );
    // What lies between it and a candidate is looked up by commits.
    assert.deepEqual([facts.running?.number, facts.running?.commit], [1, occupant.commit]);
  });

  test('releases of open promotions are loaded with them, in the order in which they were requested', async () => {
    const { facts, asked } = await store.transaction(async (tx) => {
      const { project, environments } = await insertShop(tx, [makeSpec('staging', { triggers: [{ on: 'manual' }] })]);
      const staging = environments['staging']!;
      const [old, young] = [await insertRelease(tx, project.id), await insertRelease(tx, project.id)];
      const first = makePromotion(staging, young.id);
      const second = makePromotion(staging, old.id, { kind: 'rollback', origin: { by: 'engine', cause: first.id } });
      for (const promotion of [first, second]) await tx.promotions.insert(promotion, project.id);
      await tx.promotions.insert(ended(staging, old.id, 'failed'), project.id);
      return { facts: await tx.environments.facts(staging, { now }), asked: [first, second] };
    });
    assert.deepEqual(facts.open, asked);
    assert.deepEqual(numbers(facts), [2, 1]);
  });

  test('R10, R11: the last outcome that was not superseded, and the keys already used, come with each release', async () => {
    const { facts, made } = await store.transaction(async (tx) => {
      const { project, environments } = await insertShop(tx, [
        makeSpec('staging', {
          triggers: [{ on: 'main' }, { on: 'schedule', schedule: { zone: 'UTC', days: ['mon'], at: '10:00' } }],
        }),
      ]);
      const staging = environments['staging']!;
      const old = await insertRelease(tx, project.id);
      for (const week of [1, 2, 3, 4, 5, 6])
        await tx.promotions.insert(
          ended(staging, old.id, 'succeeded', { origin: byTrigger(`schedule:${week}`, 'schedule') }),
          project.id,
        );
      await occupy(tx, project.id, { environment: staging, release: old.id });
      const release = await insertRelease(tx, project.id);
      await tx.promotions.insert(ended(staging, release.id, 'failed', { origin: byTrigger('main:x') }), project.id);
      await tx.promotions.insert(ended(staging, release.id, 'superseded'), project.id);
      return { facts: await tx.environments.facts(staging, { now }), made: { young: release.id, old: old.id } };
    });
    assert.equal(facts.releases.find(({ id }) => id === made.young)!.lastOutcome, 'failed');
    assert.deepEqual(
      facts.usedKeys,
      new Set([`${made.young} main:x`, ...[6, 5, 4, 3, 2].map((week) => `${made.old} schedule:${week}`)]),
    );
  });

  test('R8: in queue mode the oldest that were never promoted here are candidates, all of them', async () => {
    const { latest, queued } = await store.transaction(async (tx) => {
      const { project, environments } = await insertShop(tx, [
        makeSpec('latest'),
        makeSpec('queued', { queue: 'queue' }),
      ]);
      const releases = [];
      for (let made = 0; made < 30; made++) releases.push(await insertRelease(tx, project.id));
      for (const environment of Object.values(environments))
        await tx.promotions.insert(ended(environment, releases[3]!.id, 'aborted'), project.id);
      return {
        latest: await tx.environments.facts(environments['latest']!, { now }),
        queued: await tx.environments.facts(environments['queued']!, { now }),
      };
    });
    assert.deepEqual(
      numbers(latest),
      Array.from({ length: 20 }, (_, index) => 30 - index),
    );
    assert.deepEqual(
      numbers(queued),
      Array.from({ length: 30 }, (_, index) => 30 - index).filter((number) => number !== 4),
    );
  });

  test('a schedule where nothing comes before may take the newest releases', async () => {
    const facts = await store.transaction(async (tx) => {
      const { project, environments } = await insertShop(tx, [
        makeSpec('nightly', { triggers: [{ on: 'schedule', schedule: { zone: 'UTC', days: ['mon'], at: '10:00' } }] }),
      ]);
      await insertRelease(tx, project.id, []);
      return tx.environments.facts(environments['nightly']!, { now });
    });
    assert.deepEqual(numbers(facts), [1]);
  });
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { PostgresStore } from '../../../src/adapters/postgres/store.ts';
import type { EnvironmentId, ReleaseId } from '../../../src/domain/base/id.ts';
import { instant } from '../../../src/domain/base/time.ts';
import type { EnvironmentFacts } from '../../../src/domain/promotion/facts.ts';
import { newId, sha256, withStore } from '../../world/make.ts';
import {
  insertRelease,
  insertShop,
  later,
  makeDeployment,
  makePromotion,
  makeSpec,
  occupy,
  verify,
} from '../../make/records.ts';

const now = instant(10_000_000);

describe('facts of an environment: what came before, and what people decided', () => {
  let store: PostgresStore;
  withStore((opened) => (store = opened));

  const factsOf = async (environment: EnvironmentId, alsoRelease?: ReleaseId): Promise<EnvironmentFacts> => {
    const options = { now, ...(alsoRelease === undefined ? {} : { alsoRelease }) };
    const shown = await store.facts(environment, options);
    assert.deepEqual(await store.transaction((tx) => tx.environments.facts(environment, options)), shown);
    return shown!;
  };
  const numbers = (facts: EnvironmentFacts): readonly number[] => facts.releases.map(({ number }) => number);

  test('R3, R4: what came before is told for every environment of `after`, in that order', async () => {
    const following = { mode: 'all', environments: ['qa', 'testing'] } as const;
    const { facts, times } = await store.transaction(async (tx) => {
      const { project, environments } = await insertShop(tx, [
        makeSpec('testing'),
        makeSpec('qa'),
        makeSpec('production', { after: following, triggers: [{ on: 'success' }] }),
      ]);
      const release = await insertRelease(tx, project.id);
      const [from, at] = [later(), later()];
      await occupy(tx, project.id, { environment: environments['testing']!, release: release.id, at: from });
      await verify(tx, { environment: environments['testing']!, release, at });
      await verify(tx, { environment: environments['testing']!, release, at: instant(at + 5) });
      return { facts: await tx.environments.facts(environments['production']!, { now }), times: { from, at } };
    });
    const [release] = facts.releases;
    assert.deepEqual(release!.upstream[0], {
      environment: 'qa',
      verified: undefined,
      occupied: undefined,
      deployed: undefined,
      onItsWay: false,
    });
    const { environment, verified, occupied } = release!.upstream[1]!;
    assert.equal(environment, 'testing');
    assert.deepEqual(
      { ...verified, id: '' },
      { verdict: 'PASS', id: '', at: times.at + 5, since: times.at, reason: 'as told' },
    );
    assert.deepEqual(occupied, { from: times.from, until: undefined });
  });

  test('R4: a restart of the same release does not interrupt its time, another release does', async () => {
    const seen = await store.transaction(async (tx) => {
      const { project, environments } = await insertShop(tx, [
        makeSpec('testing'),
        makeSpec('production', { after: { mode: 'all', environments: ['testing'] } }),
      ]);
      const [testing, production] = [environments['testing']!, environments['production']!];
      const [one, two] = [await insertRelease(tx, project.id), await insertRelease(tx, project.id)];
      const times = [later(), later(), later(), later()];
      const first = await occupy(tx, project.id, { environment: testing, release: one.id, at: times[0]! });
      const heal = { ...makeDeployment(testing, one.id, first.promotion), cause: 'heal' as const };
      await tx.deployments.insert(heal);
      await tx.deployments.occupy(testing, heal.id, times[1]!);
      await tx.deployments.occupy(testing, heal.id, instant(times[1]! + 1));
      const look = async () =>
        (await tx.environments.facts(production, { now, alsoRelease: one.id })).releases.find(
          ({ id }) => id === one.id,
        )!.upstream[0]!.occupied;
      const restarted = await look();
      await occupy(tx, project.id, { environment: testing, release: two.id, at: times[2]! });
      const replaced = await look();
      await occupy(tx, project.id, { environment: testing, release: one.id, at: times[3]! });
      return { restarted, replaced, returned: await look(), times };
    });
    assert.deepEqual(seen.restarted, { from: seen.times[0], until: undefined });
    assert.deepEqual(seen.replaced, { from: seen.times[0], until: seen.times[2] });
    assert.deepEqual(seen.returned, { from: seen.times[3], until: undefined });
  });

  test('R3: a later failure revokes, and regained success is a new one', async () => {
    const made = await store.transaction(async (tx) => {
      const { project, environments } = await insertShop(tx, [
        makeSpec('testing'),
        makeSpec('production', { after: { mode: 'all', environments: ['testing'] }, triggers: [{ on: 'success' }] }),
      ]);
      const release = await insertRelease(tx, project.id, []);
      await verify(tx, { environment: environments['testing']!, release });
      return { production: environments['production']!, testing: environments['testing']!, release };
    });
    const { production, testing } = made;
    assert.deepEqual(numbers(await factsOf(production)), [made.release.number]);
    await store.transaction((tx) => verify(tx, { environment: testing, release: made.release, verdict: 'FAIL' }));
    assert.deepEqual(numbers(await factsOf(production)), []);
    const again = later();
    await store.transaction((tx) => verify(tx, { environment: testing, release: made.release, at: again }));
    assert.equal((await factsOf(production)).releases[0]!.upstream[0]!.verified!.since, again);
    await store.transaction((tx) =>
      verify(tx, { environment: testing, release: made.release, verdict: 'FAIL', at: instant(again - 1) }),
    );
    assert.deepEqual(
      numbers(await factsOf(production)),
      [],
      'the verdict recorded last counts, whatever its clock says',
    );
  });

  test('R21, R30: approvals and vetoes of the release here are loaded, those of elsewhere are not', async () => {
    const found = await store.transaction(async (tx) => {
      const { project, environments } = await insertShop(tx, [makeSpec('staging'), makeSpec('production')]);
      const [staging, production] = [environments['staging']!, environments['production']!];
      const release = await insertRelease(tx, project.id);
      const approval = {
        id: newId('apr'),
        environment: production,
        release: release.id,
        planHash: sha256('plan'),
        actor: 'grace',
        decision: 'approve',
        reason: 'fine',
        at: later(),
        means: 'terminal',
        statement: undefined,
        signature: undefined,
      } as const;
      assert.equal(await tx.approvals.insert(approval), true);
      assert.equal(await tx.approvals.insert({ ...approval, id: newId('apr'), decision: 'reject' }), false);
      await tx.vetoes.insert({
        id: newId('vto'),
        release: release.id,
        environment: staging,
        by: 'ada',
        reason: 'slow',
        at: later(),
      });
      const look = async (id: EnvironmentId) => (await tx.environments.facts(id, { now })).releases[0]!;
      const earlier = { staging: await look(staging), production: await look(production) };
      assert.equal(await tx.vetoes.lift(release.id, production, { by: 'ada', at: later() }), 0);
      assert.equal(await tx.vetoes.lift(release.id, undefined, { by: 'ada', at: later() }), 1);
      assert.equal((await look(staging)).veto, undefined);
      return earlier;
    });
    assert.equal(found.staging.veto?.reason, 'slow');
    assert.equal(found.production.veto, undefined);
    assert.deepEqual(found.staging.approvals, []);
    assert.deepEqual(
      found.production.approvals.map(({ actor, decision }) => [actor, decision]),
      [['grace', 'approve']],
    );
  });

  test('R27: freezes of everything, of the project and of the environment apply, others do not', async () => {
    const scopes = await store.transaction(async (tx) => {
      const [mine, other] = [
        await insertShop(tx, [makeSpec('staging'), makeSpec('qa')]),
        await insertShop(tx, [makeSpec('staging')]),
      ];
      const freeze = (scope: object) =>
        tx.freezes.insert({
          id: newId('frz'),
          project: undefined,
          environment: undefined,
          by: 'ada',
          exempt: ['rollback'],
          reason: 'audit',
          from: instant(0),
          until: undefined,
          ...scope,
        });
      await freeze({});
      await freeze({ project: mine.project.id, until: instant(now + 1) });
      await freeze({ project: mine.project.id, environment: mine.environments['staging']! });
      await freeze({ project: mine.project.id, environment: mine.environments['qa']! });
      await freeze({ project: other.project.id });
      await freeze({ project: mine.project.id, until: now });
      await freeze({ project: mine.project.id, from: instant(now + 1) });
      const facts = await tx.environments.facts(mine.environments['staging']!, { now });
      assert.equal((await tx.freezes.active(mine.project.id, now)).length, 4);
      assert.deepEqual(
        (await tx.freezes.ahead(mine.project.id, now)).map(({ from }) => from),
        [now + 1],
      );
      assert.deepEqual(await tx.freezes.ahead(other.project.id, now), []);
      assert.deepEqual(
        facts.freezesAhead.map(({ scope, from, until }) => [scope, from, until]),
        [['project', now + 1, undefined]],
      );
      for (const { id } of await tx.freezes.active(undefined, now))
        assert.equal(await tx.freezes.lift(id, 'ada', now), true);
      return facts.freezes.map(({ scope }) => scope);
    });
    assert.deepEqual([...scopes].sort(), ['environment', 'everything', 'project']);
  });

  test('lease, hold and pin are told as they were set', async () => {
    const facts = await store.transaction(async (tx) => {
      const { project, environments } = await insertShop(tx, [makeSpec('staging')]);
      const staging = environments['staging']!;
      const release = await insertRelease(tx, project.id);
      const promotion = makePromotion(staging, release.id);
      await tx.promotions.insert(promotion, project.id);
      await tx.environments.setHold(staging, { by: 'ada', reason: 'wait', at: instant(1) });
      await tx.environments.setPin(staging, { release: release.id, by: 'ada', reason: 'stay', at: instant(2) });
      await tx.environments.setLease(staging, {
        id: newId('lse'),
        promotion: promotion.id,
        holder: undefined,
        expiresAt: instant(3),
      });
      const environment = (await tx.environments.lock(staging))!;
      const loaded = await tx.environments.facts(staging, { now });
      assert.deepEqual([loaded.hold, loaded.pin, loaded.lease], [environment.hold, environment.pin, environment.lease]);
      return loaded;
    });
    assert.equal(facts.hold?.reason, 'wait');
    assert.equal(facts.pin?.reason, 'stay');
    assert.deepEqual([facts.lease?.holder, facts.lease?.expiresAt], [undefined, 3]);
  });
});

/** Keys, judgements and the log of refs as PostgreSQL keeps them. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { PostgresStore } from '../../../src/adapters/postgres/store.ts';
import { hexOf } from '../../../src/domain/base/digest.ts';
import type { ProjectId } from '../../../src/domain/base/id.ts';
import { instant } from '../../../src/domain/base/time.ts';
import type { StoredJudgement, StoredSigner } from '../../../src/ports/trust.ts';
import { mainCommitWith, objectId } from '../../make/judged.ts';
import { makeDatabase, newId, openTestStore, sha256, type TestDatabase } from '../../world/make.ts';
import { insertShop, makeSpec } from '../../make/records.ts';

describe('what the store keeps of trust', () => {
  let database: TestDatabase;
  let store: PostgresStore;
  let project: ProjectId;
  before(async () => {
    database = await makeDatabase();
    store = await openTestStore(database.url);
    project = (await store.transaction((tx) => insertShop(tx, [makeSpec('staging')]))).project.id;
  });
  after(async () => {
    await store.close();
    await database.drop();
  });

  const platform = (fingerprint: string): StoredSigner => ({
    fingerprint,
    kind: 'ssh',
    material: 'ssh-ed25519 AAAA',
    algorithm: 'ssh-ed25519',
    comment: 'a key',
    owner: { by: 'platform', platform: 'forge.example' },
    addedBy: 'ada',
    addedAt: instant(1),
    expiresAt: instant(1_000),
    revoked: undefined,
  });

  test('a key is added once and revoked once, and stays known for ever', async () => {
    const revocation = { at: instant(5), by: 'ada', reason: 'lost' };
    await store.transaction(async (tx) => {
      const earlier = await tx.signers.stateFor(project, instant(2));
      assert.equal(await tx.signers.insert(platform('SHA256:one')), true);
      assert.deepEqual(await tx.signers.get('SHA256:one'), platform('SHA256:one'));
      assert.equal(await tx.signers.insert(platform('SHA256:one')), false);
      assert.equal(await tx.signers.revoke('SHA256:one', revocation), true);
      assert.equal(await tx.signers.revoke('SHA256:one', { ...revocation, reason: 'again' }), false);
      assert.deepEqual((await tx.signers.get('SHA256:one'))!.revoked, revocation);
      assert.equal(await tx.signers.insert(platform('SHA256:one')), false, 'a revoked key is never added again');
      const now = await tx.signers.stateFor(project, instant(2));
      assert.equal(now.version, earlier.version + 2);
      assert.notEqual(now.standing, earlier.standing);
      assert.notEqual(
        (await tx.signers.stateFor(project, instant(2_000))).standing,
        now.standing,
        'time passes for keys',
      );
    });
  });

  test('what a ref pointed at stays in the log, whatever happened to the ref', async () => {
    const ref = 'refs/tags/v1.0.0';
    const [one, other] = [objectId('1'), objectId('2')];
    await store.transaction(async (tx) => {
      const move = { project, ref, fastForward: undefined, at: instant(1) };
      await tx.refs.move({ ...move, from: undefined, to: objectId('c'), tagObject: one });
      assert.deepEqual((await tx.refs.tips(project)).get(ref), { commit: objectId('c'), object: one });
      await tx.refs.move({ ...move, from: objectId('c'), to: undefined });
      assert.equal((await tx.refs.tips(project)).has(ref), false);
      await tx.refs.move({ ...move, from: undefined, to: objectId('c'), tagObject: one });
      assert.deepEqual(await tx.refs.objects(project, ref), [one]);
      await tx.refs.note({ project, ref, object: other, firstLook: false, at: instant(2) });
      await tx.refs.note({ project, ref, object: other, firstLook: false, at: instant(3) });
      assert.deepEqual(await tx.refs.objects(project, ref), [one, other]);
    });
  });

  test('where a commit was seen first does not change', async () => {
    await store.transaction(async (tx) => {
      const seen = { project, commits: [objectId('5')], at: instant(1) };
      await tx.firstSeen.insert({ ...seen, ref: 'refs/heads/feature' });
      await tx.firstSeen.insert({ ...seen, ref: 'refs/heads/main', at: instant(2) });
      const found = await tx.firstSeen.of(project, [objectId('5'), objectId('6')]);
      assert.deepEqual([...found], [[objectId('5'), { ref: 'refs/heads/feature', at: 1 }]]);
    });
  });

  function judgement(object: string, changes: Partial<StoredJudgement> = {}): StoredJudgement {
    return {
      class: 'staging',
      found: mainCommitWith({ commit: object }),
      id: newId('jdg'),
      project,
      ref: 'refs/heads/main',
      object,
      commit: object,
      mode: 'strict',
      accepted: false,
      basis: undefined,
      checks: [],
      fingerprint: undefined,
      payload: sha256('signed bytes'),
      registryVersion: 1,
      standing: 'now',
      policy: sha256('policy'),
      onMain: true,
      seenAt: instant(1),
      judgedAt: instant(1),
      acceptedAt: undefined,
      ...changes,
    } as StoredJudgement;
  }

  test('a judgement is replaced by the next, and the first acceptance is remembered', async () => {
    const object = objectId('7');
    await store.transaction(async (tx) => {
      await tx.judgements.put(judgement(object));
      assert.equal(await tx.judgements.replayOf(project, sha256('signed bytes'), objectId('8')), undefined);
      await tx.judgements.put(judgement(object, { accepted: true, judgedAt: instant(2), acceptedAt: instant(2) }));
      await tx.judgements.put(judgement(object, { accepted: false, judgedAt: instant(3) }));
      const stored = await tx.judgements.get(project, 'refs/heads/main', object);
      assert.deepEqual([stored!.accepted, stored!.acceptedAt, stored!.seenAt, stored!.judgedAt], [false, 2, 1, 3]);
      assert.equal(await tx.judgements.replayOf(project, sha256('signed bytes'), objectId('8')), object);
      assert.equal(await tx.judgements.replayOf(project, sha256('signed bytes'), object), undefined);
      await tx.judgements.setOnMain(project, 'refs/heads/main', [objectId('9')]);
      assert.equal((await tx.judgements.ofCommit(project, object))[0]!.onMain, false);
    });
  });

  test('what was judged under another standing or policy is found in its order, and so is what rests on a commit', async () => {
    const shop = await store.transaction((tx) => insertShop(tx, [makeSpec('staging')]));
    const of = (digit: string, changes: Partial<StoredJudgement> = {}) =>
      judgement(objectId(digit), { project: shop.project.id, standing: 'b', payload: undefined, ...changes });
    const child = mainCommitWith({ commit: objectId('c'), parents: [objectId('1')] });
    await store.transaction(async (tx) => {
      const tag = { class: 'production', ref: 'refs/tags/v1.0.0', commit: objectId('1') } as Partial<StoredJudgement>;
      for (const one of [
        of('4', { standing: 'a' }),
        of('1'),
        of('2', { standing: 'c' }),
        of('3', { policy: sha256('another policy') }),
        of('c', { found: child } as Partial<StoredJudgement>),
        of('5', tag),
      ])
        await tx.judgements.put(one);
      const now = { class: 'staging', standing: 'b', policy: sha256('policy') } as const;
      const due = async (kind: StoredJudgement['class'], page: { after: number; limit: number }) =>
        tx.judgements.outdated(shop.project.id, { ...now, class: kind }, page);
      const objects = async (kind: StoredJudgement['class']) =>
        (await due(kind, { after: 0, limit: 9 })).map(({ object }) => object);
      assert.deepEqual(await objects('staging'), [objectId('4'), objectId('2'), objectId('3')]);
      const [first] = await due('staging', { after: 0, limit: 1 });
      const [second] = await due('staging', { after: first!.seq, limit: 1 });
      assert.deepEqual([first!.object, second!.object], [objectId('4'), objectId('2')]);
      await tx.judgements.outdate(shop.project.id, objectId('1'));
      assert.deepEqual(await objects('staging'), [objectId('4'), objectId('2'), objectId('3'), objectId('c')]);
      assert.deepEqual(await objects('production'), [objectId('5')]);
      await tx.judgements.put(of('c', { found: child } as Partial<StoredJudgement>));
      await tx.judgements.setOnMain(shop.project.id, 'refs/heads/main', ['1', '2', '3', '4'].map(objectId));
      assert.deepEqual(await objects('staging'), [objectId('4'), objectId('2'), objectId('3'), objectId('c')]);
      const known = await tx.judgements.judged(shop.project.id, [
        { ref: 'refs/heads/main', object: objectId('1') },
        { ref: 'refs/tags/v1.0.0', object: objectId('1') },
      ]);
      assert.deepEqual([...known], [`refs/heads/main ${objectId('1')}`]);
      const beginning = await tx.judgements.beginning(shop.project.id, 'refs/heads/main', objectId('c').slice(0, 8));
      assert.deepEqual(
        beginning.map(({ object }) => object),
        [objectId('c')],
      );
      const { id } = shop.project;
      assert.deepEqual(await tx.judgements.commitsBeginning(id, objectId('c').slice(0, 4)), [objectId('c')]);
      assert.deepEqual(await tx.judgements.commitsBeginning(id, objectId('c')), [objectId('c')]);
      assert.deepEqual(await tx.judgements.commitsBeginning(id, objectId('9')), []);
    });
  });

  test('versions released before a tag are those accepted before it was', async () => {
    const tag = (name: string, acceptedAt: number | undefined) =>
      judgement(objectId('a'), {
        class: 'production',
        ref: `refs/tags/${name}`,
        object: hexOf(sha256(name)).slice(0, 40),
        payload: undefined,
        acceptedAt: acceptedAt === undefined ? undefined : instant(acceptedAt),
      } as Partial<StoredJudgement>);
    await store.transaction(async (tx) => {
      for (const one of [tag('v2.0.0', 10), tag('v2.1.0', 20), tag('v2.0.5', undefined)]) await tx.judgements.put(one);
      const earlier = async (name: string) =>
        (await tx.judgements.releasedBefore(project, `refs/tags/${name}`)).toSorted();
      assert.deepEqual(await earlier('v2.0.0'), []);
      assert.deepEqual(await earlier('v2.1.0'), ['v2.0.0']);
      assert.deepEqual(await earlier('v2.0.5'), ['v2.0.0', 'v2.1.0']);
      assert.deepEqual(await earlier('v9.9.9'), ['v2.0.0', 'v2.1.0']);
    });
  });

  test('verified main only grows', async () => {
    const line = {
      project,
      ref: 'refs/heads/main',
      root: objectId('1'),
      baseline: { commit: objectId('1'), by: 'system:source', at: instant(1) },
      verified: objectId('1'),
      rewound: undefined,
    };
    await store.transaction(async (tx) => {
      await tx.mainLines.put(line);
      assert.deepEqual(await tx.mainLines.get(project, line.ref), line);
      const rewound = { from: objectId('1'), to: undefined, at: instant(9) };
      await tx.mainLines.put({ ...line, rewound });
      assert.deepEqual((await tx.mainLines.get(project, line.ref))!.rewound, { from: objectId('1'), at: 9 });
      await tx.mainLines.addVerified({ project, commit: objectId('1'), how: 'baseline', at: instant(1) });
      await tx.mainLines.addVerified({ project, commit: objectId('1'), how: 'accepted', at: instant(2) });
      assert.equal(await tx.mainLines.isVerified(project, objectId('1')), true);
      assert.equal(await tx.mainLines.isVerified(project, objectId('2')), false);
    });
  });
});

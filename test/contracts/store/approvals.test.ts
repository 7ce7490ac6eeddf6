/** Decisions, hands in a change, passkeys and break-glass in the store. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { PostgresStore } from '../../../src/adapters/postgres/store.ts';
import type { EnvironmentId, ReleaseId } from '../../../src/domain/base/id.ts';
import { instant } from '../../../src/domain/base/time.ts';
import type { Approval, ReleaseFacts } from '../../../src/domain/promotion/facts.ts';
import type { NewApproval } from '../../../src/ports/approvals.ts';
import { newId, query, sha256, withStore, type TestDatabase } from '../../world/make.ts';
import {
  byTrigger,
  insertPerson,
  insertRelease,
  insertShop,
  later,
  makePromotion,
  makeSpec,
  occupy,
} from '../../make/records.ts';

const now = instant(10_000_000);
const planHash = sha256('plan');

describe('decisions in the store', () => {
  let database: TestDatabase;
  let store: PostgresStore;
  const tx = <T>(work: Parameters<typeof store.transaction<T>>[0]) => store.transaction(work);
  withStore((opened, its) => ([store, database] = [opened, its]));

  const shop = (spec: Parameters<typeof makeSpec>[1] = { gates: [{ gate: 'approval', count: 1 }] }) =>
    tx(async (t) => {
      const { project, environments } = await insertShop(t, [makeSpec('production', spec)]);
      const release = await insertRelease(t, project.id);
      return { project: project.id, environment: environments['production']!, release };
    });
  const look = async (environment: EnvironmentId, release: ReleaseId): Promise<ReleaseFacts> =>
    (await store.facts(environment, { now, alsoRelease: release }))!.releases.find(({ id }) => id === release)!;
  const approvalOf = (
    place: { environment: EnvironmentId; release: { id: ReleaseId } },
    changes: Partial<NewApproval> = {},
  ): NewApproval => ({
    id: newId('apr'),
    environment: place.environment,
    release: place.release.id,
    planHash,
    actor: 'nobody',
    decision: 'approve',
    reason: 'fine',
    at: later(),
    means: 'terminal',
    statement: '{}',
    signature: undefined,
    ...changes,
  });

  test('R22: an approval comes with what is known of the person now, and of nobody else', async () => {
    const place = await shop();
    const other = await shop();
    const person = await tx(async (t) => {
      const id = await insertPerson(t, 'grace', { roles: ['qa'], emails: ['grace@example.org'] });
      const rest = { person: id, grantedBy: 'test', reason: undefined, revokedAt: undefined };
      const grant = { ...rest, from: instant(0), until: undefined };
      await t.grants.insert({ ...grant, id: newId('grt'), role: 'maintainer', project: place.project });
      await t.grants.insert({ ...grant, id: newId('grt'), role: 'auditor', project: other.project });
      await t.grants.insert({ ...grant, id: newId('grt'), role: 'viewer', project: undefined, until: now });
      await t.grants.insert({ ...grant, id: newId('grt'), role: 'viewer', project: undefined, from: instant(now + 1) });
      const revoked = newId('grt');
      await t.grants.insert({ ...grant, id: revoked, role: 'admin', project: undefined });
      await t.grants.revoke(revoked, 'test', instant(5));
      await t.approvals.insert(approvalOf(place, { actor: 'grace' }));
      await t.approvals.insert(approvalOf(place, { actor: 'system:timeout', decision: 'reject', means: 'system' }));
      return id;
    });
    const [given, timeout] = (await look(place.environment, place.release.id)).approvals as [Approval, Approval];
    assert.deepEqual(
      { ...given.approver, roles: given.approver!.roles.toSorted() },
      { handle: 'grace', emails: ['grace@example.org'], disabled: false, roles: ['maintainer', 'qa'] },
    );
    assert.equal(timeout.approver, undefined);
    await tx((t) => t.people.disable(person, now));
    assert.equal((await look(place.environment, place.release.id)).approvals[0]?.approver?.disabled, true);
  });

  test('R23: a decision stands once; what was taken back counts no more, stays on record, and may be given again', async () => {
    const place = await shop();
    const decided = { environment: place.environment, release: place.release.id, planHash, actor: 'ann' };
    const insert = () => tx((t) => t.approvals.insert(approvalOf(place, { actor: 'ann' })));
    const withdraw = () => tx((t) => t.approvals.withdraw(decided, { reason: 'wait', at: now }));
    assert.deepEqual([await insert(), await insert()], [true, false]);
    assert.deepEqual([await withdraw(), await withdraw()], [true, false]);
    assert.deepEqual((await look(place.environment, place.release.id)).approvals, []);
    assert.equal(await insert(), true);
    const all = await tx((t) => t.approvals.of(place.environment, place.release.id));
    assert.deepEqual(
      all.map(({ withdrawn }) => withdrawn),
      [{ at: now, reason: 'wait' }, undefined],
    );
  });

  test('R23: a rejection cannot be taken back', async () => {
    const place = await shop();
    await tx((t) => t.approvals.insert(approvalOf(place, { actor: 'ann', decision: 'reject' })));
    const decided = { environment: place.environment, release: place.release.id, planHash, actor: 'ann' };
    assert.equal(await tx((t) => t.approvals.withdraw(decided, { reason: 'no', at: now })), false);
  });

  test('R23: fifty at once for one person leave one decision', async () => {
    const place = await shop();
    const inserted = await Promise.all(
      Array.from({ length: 50 }, () => tx((t) => t.approvals.insert(approvalOf(place, { actor: 'ann' })))),
    );
    assert.equal(inserted.filter(Boolean).length, 1);
  });

  test('R22: who wrote the commits is due while a promotion waits and nobody knows, and is known once it was recorded', async () => {
    const place = await shop();
    const dueHere = async (at = now) =>
      (await tx((t) => t.contributions.due(at, 100))).filter(({ project }) => project === place.project);
    assert.deepEqual(await dueHere(), []);
    await tx((t) =>
      t.promotions.insert(
        makePromotion(place.environment, place.release.id, { origin: byTrigger('main:1') }),
        place.project,
      ),
    );
    const span = { project: place.project, from: undefined, to: place.release.commit };
    assert.deepEqual(await dueHere(), [span]);
    const unknown = (await look(place.environment, place.release.id)).contribution;
    assert.ok(!unknown.known && unknown.waitsFor === 'lookup' && unknown.askAgainAt === now);

    await tx((t) => t.contributions.fail(span, { problem: 'the repository is away', at: now }));
    const failed = (await look(place.environment, place.release.id)).contribution;
    assert.ok(!failed.known && failed.because.includes('the repository is away'));
    assert.deepEqual([await dueHere(), await dueHere(instant(now + 5_000))], [[], [span]]);
    await tx((t) => t.contributions.fail(span, { problem: 'still away', at: now }));
    assert.deepEqual([await dueHere(instant(now + 9_999)), await dueHere(instant(now + 10_000))], [[], [span]]);

    const contributors = [{ as: 'author', name: 'Ann', email: 'ann@example.org', commit: span.to }] as const;
    await tx((t) => t.contributions.record(span, { contributors, commits: 1, complete: true }));
    const known = (await look(place.environment, place.release.id)).contribution;
    assert.deepEqual(known, { known: true, contributors, commits: 1 });
    assert.deepEqual(await dueHere(instant(now * 2)), []);
  });

  test('R22: what replaces another release begins after the commit that runs', async () => {
    const place = await shop();
    const next = await tx(async (t) => {
      await occupy(t, place.project, { environment: place.environment, release: place.release.id });
      const release = await insertRelease(t, place.project);
      await t.promotions.insert(
        makePromotion(place.environment, release.id, { origin: byTrigger('main:2') }),
        place.project,
      );
      return release;
    });
    const due = (await tx((t) => t.contributions.due(now, 100))).filter(({ project }) => project === place.project);
    assert.deepEqual(due, [{ project: place.project, from: place.release.commit, to: next.commit }]);
  });

  test('R22: where too many commits lie between, a person has to do something, unless no separation is asked for', async () => {
    const place = await shop();
    const span = { project: place.project, from: undefined, to: place.release.commit };
    await tx((t) => t.contributions.record(span, { contributors: [], commits: 10_000, complete: false }));
    assert.ok((await look(place.environment, place.release.id)).contribution.known);
    await query(
      database.url,
      `update pipeline_revisions set pipeline = jsonb_set(pipeline, '{trust,separation}', '"two-person"') where project_id = $1`,
      [place.project],
    );
    const asked = (await look(place.environment, place.release.id)).contribution;
    assert.ok(!asked.known && asked.waitsFor === 'person');
  });

  test('R23: people are asked about a plan once; another plan is asked about anew', async () => {
    const place = await shop();
    const promotion = makePromotion(place.environment, place.release.id, { origin: byTrigger('main:1') });
    await tx((t) => t.promotions.insert(promotion, place.project));
    const ask = (hash: typeof planHash, at: number) => tx((t) => t.approvals.ask(promotion.id, hash, instant(at)));
    await ask(planHash, 5);
    await ask(planHash, 9);
    assert.deepEqual((await look(place.environment, place.release.id)).asked, { planHash, at: 5 });
    await ask(sha256('another'), 9);
    assert.deepEqual((await look(place.environment, place.release.id)).asked, { planHash: sha256('another'), at: 9 });
  });

  test('a challenge is used once, by the person it was made for, and in time', async () => {
    const [ann, bob] = await tx(async (t) => [
      await insertPerson(t, 'ann.key', { roles: [] }),
      await insertPerson(t, 'bob.key', { roles: [] }),
    ]);
    const challenge = {
      id: newId('psc'),
      person: ann!,
      purpose: 'decide',
      challenge: 'AAAA',
      statement: '{}',
      origin: 'http://localhost:7400',
      createdAt: now,
      expiresAt: instant(now + 10),
    } as const;
    await tx((t) => t.passkeys.challenge(challenge));
    const take = (person: typeof ann, at: number) => tx((t) => t.passkeys.take(challenge.id, person!, instant(at)));
    assert.equal(await take(bob, now), undefined);
    assert.equal(await take(ann, now + 10), undefined);
    assert.deepEqual(await take(ann, now), challenge);
    assert.equal(await take(ann, now), undefined);
  });

  test('a passkey belongs to one person; a removed one is gone for good', async () => {
    const ann = await tx((t) => insertPerson(t, 'ann.pass', { roles: [] }));
    const passkey = {
      id: newId('psk'),
      person: ann,
      name: 'laptop',
      credential: 'cred',
      publicKey: 'pk',
      counter: 0,
      transports: ['internal'],
      createdAt: now,
      lastUsedAt: undefined,
    } as const;
    const insert = (id = passkey.id) => tx((t) => t.passkeys.insert({ ...passkey, id }));
    assert.deepEqual([await insert(), await insert(newId('psk'))], [true, false]);
    await tx((t) => t.passkeys.used(passkey.id, 7, now));
    assert.deepEqual(await tx((t) => t.passkeys.ofPerson(ann)), [{ ...passkey, counter: 7, lastUsedAt: now }]);
    const remove = () => tx((t) => t.passkeys.remove(passkey.id, now));
    assert.deepEqual([await remove(), await remove()], [true, false]);
    assert.deepEqual(await tx((t) => t.passkeys.ofPerson(ann)), []);
    assert.equal(await insert(newId('psk')), false);
  });

  test('R25: a break-glass is in force once confirmed, until it expires or a promotion that used it has ended', async () => {
    const place = await shop();
    const glass = {
      id: newId('bgl'),
      project: place.project,
      environment: place.environment,
      release: place.release.id,
      gates: ['approval', 'window'],
      reason: 'down',
      incident: 'https://example.org/1',
      requestedBy: 'ann',
      requestedAt: now,
      expiresAt: instant(now + 1),
      confirmed: undefined,
      used: undefined,
    } as const;
    const inForce = async (at = now) => (await store.facts(place.environment, { now: at }))!.breakGlasses;
    await tx((t) => t.breakGlasses.insert(glass));
    assert.deepEqual(await inForce(), []);
    await tx((t) => t.breakGlasses.confirm(glass.id, 'bob', now));
    const { project: _p, environment: _e, requestedAt: _r, confirmed: _c, used: _u, ...known } = glass;
    assert.deepEqual(await inForce(), [{ ...known, confirmedBy: 'bob', promotion: undefined }]);
    assert.deepEqual(await inForce(instant(now + 1)), []);

    const promotion = makePromotion(place.environment, place.release.id, { origin: byTrigger('main:1') });
    await tx(async (t) => {
      await t.promotions.insert(promotion, place.project);
      await t.breakGlasses.use(glass.id, promotion.id, now);
    });
    assert.equal((await inForce(instant(now + 1)))[0]?.promotion, promotion.id);
    const progress = { state: 'ended', outcome: 'succeeded', endedAt: now } as const;
    await tx((t) => t.promotions.update({ ...promotion, progress }));
    assert.deepEqual(await inForce(), []);
    const [listed] = await tx((t) => t.breakGlasses.list(place.project, 5));
    assert.deepEqual(listed?.used, { promotion: promotion.id, at: now });
    await assert.rejects(tx((t) => t.breakGlasses.confirm(glass.id, 'ann', now)));
  });

  test('R25: an overdue follow-up is told in production until it is closed', async () => {
    const place = await shop({ kind: 'production' });
    const glass = newId('bgl');
    const followUp = {
      id: newId('fup'),
      project: place.project,
      breakGlass: glass,
      openedAt: now,
      dueAt: now,
    } as const;
    await tx(async (t) => {
      const rest = { gates: [], reason: '', incident: '', requestedBy: 'ann', requestedAt: now, expiresAt: now };
      const { project, environment, release } = place;
      await t.breakGlasses.insert({
        id: glass,
        project,
        environment,
        release: release.id,
        ...rest,
        confirmed: undefined,
        used: undefined,
      });
      await t.followUps.insert({ ...followUp, closed: undefined });
    });
    const overdue = async (at: number) => (await store.facts(place.environment, { now: instant(at) }))!.overdue;
    assert.deepEqual(await overdue(now - 1), []);
    assert.deepEqual(await overdue(now), [{ id: followUp.id, breakGlass: glass, dueAt: now }]);
    const closed = { by: 'bob', at: now, conclusion: 'never again' };
    await tx((t) => t.followUps.close(followUp.id, closed));
    assert.deepEqual(await overdue(now), []);
    assert.deepEqual(await tx((t) => t.followUps.list(place.project, 5)), [{ ...followUp, closed }]);
  });
});

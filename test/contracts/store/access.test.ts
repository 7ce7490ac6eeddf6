/** People, grants and credentials in the store. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { PostgresStore } from '../../../src/adapters/postgres/store.ts';
import type { PersonId, ProjectId } from '../../../src/domain/base/id.ts';
import { instant, type Instant } from '../../../src/domain/base/time.ts';
import type { Role } from '../../../src/domain/access/role.ts';
import { newId, sha256, withStore } from '../../world/make.ts';

describe('people and credentials in the store', () => {
  let store: PostgresStore;
  const now = instant(1_000_000);
  const later = instant(2_000_000);
  withStore((opened) => (store = opened));

  const tx = <T>(work: Parameters<typeof store.transaction<T>>[0]) => store.transaction(work);

  const makePerson = (handle: string, emails: readonly string[] = []) =>
    tx((t) => {
      const id: PersonId = newId('per');
      const person = { id, handle, name: handle, emails, createdAt: now, createdBy: 'test', disabledAt: undefined };
      return t.people.insert(person).then((inserted) => ({ id, inserted }));
    });

  const makeProject = (name: string) =>
    tx(async (t) => {
      const id: ProjectId = newId('prj');
      const poll = { dueAt: now, failures: 0, error: undefined };
      await t.projects.insert({ id, name, sourceUrl: '/x', revision: undefined, poll, createdAt: now });
      return id;
    });

  const grant = (person: PersonId, role: Role, more: { project?: ProjectId; from?: Instant; until?: Instant } = {}) =>
    tx(async (t) => {
      const id = newId('grt');
      const { project, from = now, until } = more;
      const rest = { grantedBy: 'test', reason: undefined, revokedAt: undefined };
      await t.grants.insert({ id, person, role, project, from, until, ...rest });
      return id;
    });

  test('a person is found by id, handle and each address, and listed by handle', async () => {
    const { id } = await makePerson('zoe', ['zoe@example.org', 'z@example.org']);
    await makePerson('abe');
    const [byId, byHandle, byEmail, nobody, all] = [
      await tx((t) => t.people.get(id)),
      await tx((t) => t.people.byHandle('zoe')),
      await tx((t) => t.people.byEmail('z@example.org')),
      await tx((t) => t.people.byEmail('nobody@example.org')),
      await tx((t) => t.people.list()),
    ];
    assert.deepEqual(byId?.emails, ['z@example.org', 'zoe@example.org']);
    assert.deepEqual([byHandle, byEmail, nobody], [byId, byId, undefined]);
    assert.deepEqual(
      all.map(({ handle }) => handle),
      ['abe', 'zoe'],
    );
  });

  test('a handle and an address belong to one person', async () => {
    await makePerson('one', ['one@example.org']);
    assert.equal((await makePerson('one')).inserted, false);
    assert.equal((await makePerson('two', ['one@example.org'])).inserted, false);
    const three = await makePerson('three');
    const add = (person: PersonId) =>
      tx((t) => t.people.addEmail({ email: 'three@example.org', person, by: 'test', at: now }));
    assert.deepEqual([await add(three.id), await add(three.id)], [true, false]);
    const remove = () => tx((t) => t.people.removeEmail(three.id, 'three@example.org'));
    assert.deepEqual([await remove(), await remove()], [true, false]);
  });

  test('rights are grants in force of a person who is not disabled', async () => {
    const { id } = await makePerson('rita');
    const shop = await makeProject('shop');
    await grant(id, 'viewer', { project: shop });
    await grant(id, 'qa', { from: later });
    await grant(id, 'auditor', { until: later });
    const revoked = await grant(id, 'admin');
    await tx((t) => t.grants.revoke(revoked, 'test', now));
    assert.equal(await tx((t) => t.grants.revoke(revoked, 'test', now)), false);
    const rightsAt = async (at: Instant) =>
      (await tx((t) => t.grants.rightsOf(id, at))).map(({ role, project }) => `${role} ${project ?? '*'}`).toSorted();
    assert.deepEqual(await rightsAt(now), ['auditor *', `viewer ${shop}`]);
    assert.deepEqual(await rightsAt(later), ['qa *', `viewer ${shop}`]);
    assert.equal((await tx((t) => t.grants.list({ person: id }))).length, 4);
    assert.equal((await tx((t) => t.grants.list({ person: id, inForceAt: now }))).length, 2);
    await tx((t) => t.people.disable(id, now));
    assert.deepEqual(await rightsAt(now), []);
  });

  test('a name at a provider is bound to one person, and a person to one name there', async () => {
    const [ada, bob] = [await makePerson('ada'), await makePerson('bob')];
    const bind = (subject: string, person: PersonId) =>
      tx((t) => t.people.bindSubject({ issuer: 'https://id.example', subject, person, at: now }));
    assert.deepEqual(
      [await bind('1', ada.id), await bind('1', ada.id), await bind('1', bob.id), await bind('2', ada.id)],
      [true, true, false, false],
    );
    assert.equal((await tx((t) => t.people.bySubject('https://id.example', '1')))?.handle, 'ada');
    assert.equal(await tx((t) => t.people.bySubject('https://other.example', '1')), undefined);
  });

  test('what is good once is good once, however many come at the same time', async () => {
    const { id: person } = await makePerson('lee');
    const link = newId('lnk');
    const times = { createdAt: now, expiresAt: later, usedAt: undefined };
    await tx((t) =>
      t.signIns.insertLink({
        id: link,
        secretHash: sha256('x'),
        person,
        challenge: undefined,
        createdBy: 'test',
        ...times,
      }),
    );
    const state = { stateHash: sha256('s'), browserHash: sha256('b'), nonce: 'n', verifier: 'v', handOver: undefined };
    await tx((t) => t.signIns.insertAttempt({ ...state, expiresAt: later }));
    const identity = { issuer: 'https://ci.example', jti: '7', expiresAt: later };
    const eight = <T>(work: () => Promise<T>) => Promise.all(Array.from({ length: 8 }, work));
    const links = await eight(() => tx((t) => t.signIns.useLink(link, now)));
    const attempts = await eight(() => tx((t) => t.signIns.takeAttempt(sha256('s'))));
    const identities = await eight(() => tx((t) => t.machines.useIdentity(identity)));
    for (const answers of [links, attempts, identities]) assert.equal(answers.filter(Boolean).length, 1);
  });

  test('tokens and sessions of a person end together, and tokens say what they are limited to', async () => {
    const { id: person } = await makePerson('tom');
    const project = await makeProject('bank');
    const [token, session] = [newId('tok'), newId('ses')];
    const times = { createdAt: now, expiresAt: later };
    const open = { lastUsedAt: undefined, revokedAt: undefined, machine: undefined };
    await tx(async (t) => {
      const limits = { projects: [project], actions: ['project:read' as const] };
      await t.tokens.insert({
        id: token,
        secretHash: sha256('t'),
        name: 'laptop',
        person,
        ...limits,
        ...times,
        ...open,
      });
      await t.sessions.insert({
        id: session,
        secretHash: sha256('s'),
        person,
        ...times,
        browser: 'Firefox on Linux',
        lastUsedAt: undefined,
        endedAt: undefined,
      });
    });
    const stored = await tx((t) => t.tokens.get(token));
    assert.deepEqual([stored?.projects, stored?.actions], [[project], ['project:read']]);
    await tx((t) => t.tokens.used(token, now));
    assert.equal(await tx((t) => t.tokens.revokeAllOf({ person }, 'test', now)), 1);
    assert.equal(await tx((t) => t.tokens.revoke(token, 'test', now)), false);
    assert.equal(await tx((t) => t.sessions.endAllOf(person, now)), 1);
    const [ended] = await tx((t) => t.tokens.list({ person }));
    assert.deepEqual([ended?.lastUsedAt, ended?.revokedAt], [now, now]);
    assert.equal((await tx((t) => t.sessions.get(session)))?.endedAt, now);
  });

  test('sessions that are neither ended nor over are listed, newest first, of one person or of everybody', async () => {
    const [{ id: uma }, { id: vic }] = [await makePerson('uma'), await makePerson('vic')];
    const add = (person: PersonId, at: number, until: number) => {
      const session = { id: newId('ses'), person, createdAt: instant(at), expiresAt: instant(until) };
      const rest = { secretHash: sha256(session.id), browser: 'Firefox on Linux', lastUsedAt: undefined };
      return tx((t) => t.sessions.insert({ ...session, ...rest, endedAt: undefined })).then(() => session.id);
    };
    const [old, over, ended] = [await add(uma, 1, 900), await add(uma, 2, 500), await add(uma, 3, 900)];
    const [newer, others] = [await add(uma, 4, 900), await add(vic, 5, 900)];
    assert.equal(await tx((t) => t.sessions.end(ended, instant(10))), true);
    assert.equal(await tx((t) => t.sessions.end(ended, instant(20))), false);
    await tx((t) => t.sessions.used(old, instant(400)));
    const own = await tx((t) => t.sessions.live({ person: uma, now: instant(500) }));
    assert.deepEqual(
      own.map(({ id, lastUsedAt, browser }) => [id, lastUsedAt, browser]),
      [
        [newer, undefined, 'Firefox on Linux'],
        [old, 400, 'Firefox on Linux'],
      ],
    );
    const all = (await tx((t) => t.sessions.live({ now: instant(500) }))).map(({ id }) => id);
    assert.deepEqual(
      all.filter((id) => [old, over, ended, newer, others].includes(id)),
      [others, newer, old],
    );
    await tx((t) => t.people.erase(uma));
    assert.equal((await tx((t) => t.sessions.get(old)))?.browser, undefined);
  });

  test('what is erased of a person is gone, but for the handle that events record', async () => {
    const { id } = await makePerson('eve', ['eve@example.org']);
    await tx((t) => t.people.bindSubject({ issuer: 'https://id.example', subject: 'eve', person: id, at: now }));
    await tx((t) => t.people.erase(id));
    const person = await tx((t) => t.people.get(id));
    assert.deepEqual([person?.handle, person?.name, person?.emails], ['eve', '', []]);
    assert.equal(await tx((t) => t.people.bySubject('https://id.example', 'eve')), undefined);
  });

  test('machines are found by who vouches for them', async () => {
    const project = await makeProject('dock');
    const machine = { handle: 'machine:dock', project, issuer: 'https://ci.example', audience: 'liftlock' };
    const made = { claims: { repository_id: '7' }, createdAt: now, createdBy: 'test', disabledAt: undefined };
    const id = newId('mch');
    const insert = () => tx((t) => t.machines.insert({ id: newId('mch'), ...machine, ...made }));
    assert.equal(await tx((t) => t.machines.insert({ id, ...machine, ...made })), true);
    assert.equal(await insert(), false);
    assert.deepEqual((await tx((t) => t.machines.ofIssuer('https://ci.example')))[0]?.claims, { repository_id: '7' });
    await tx((t) => t.machines.disable(id, now));
    assert.deepEqual(await tx((t) => t.machines.ofIssuer('https://ci.example')), []);
    assert.equal((await tx((t) => t.machines.byHandle('machine:dock')))?.disabledAt, now);
  });
});

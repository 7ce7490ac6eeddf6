/** The beginning of a database: one first administrator, and an operator whose token is good. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { begin, type Beginning, type First } from '../../src/engine/access/first-person.ts';
import { setDisabledIn } from '../../src/engine/access/people.ts';
import { identifyIn } from '../../src/engine/access/identify.ts';
import { useLinkIn } from '../../src/engine/access/sign-in.ts';
import { apiWorld, type ApiWorld } from '../world/api-server.ts';
import { query } from '../world/make.ts';

describe('the beginning of a database', () => {
  let api: ApiWorld;
  let kept: string[] = [];
  const operator = { handle: 'olga', name: 'Olga Operator', emails: ['olga@example.org'] };

  before(async () => {
    api = await apiWorld();
  });
  after(() => api?.close());
  beforeEach(async () => {
    kept = [];
    await query(
      api.database.url,
      'truncate people, person_emails, person_subjects, grants, tokens, sessions, sign_in_links, machines cascade',
    );
  });

  const start = (changes: Partial<Beginning> = {}): Promise<First | undefined> =>
    begin(api.world, {
      operator,
      token: undefined,
      owned: true,
      keep: async (text) => void kept.push(text),
      ...changes,
    });
  const whoHas = (text: string) => api.store.transaction((tx) => identifyIn(api.world, tx, { kind: 'token', text }));
  const handles = async () => (await query(api.database.url, 'select handle from people')).map(({ handle }) => handle);

  test('of many servers that start together one makes the first administrator', async () => {
    const all = await Promise.all(Array.from({ length: 6 }, () => start({ operator: undefined, owned: false })));
    const first = all.filter((one) => one !== undefined);
    assert.equal(first.length, 1);
    assert.deepEqual(await handles(), ['admin']);
    const { code } = first[0]!.link;
    const use = () => api.store.transaction((tx) => useLinkIn(api.world, tx, { code, challenge: undefined }));
    assert.equal((await use()).handle, 'admin');
    await assert.rejects(use, { reason: 'LINK_USED' });
    assert.deepEqual(kept, []);
    const rights = await query(api.database.url, 'select role from grants');
    assert.deepEqual(rights, [{ role: 'admin' }]);
  });

  test('an operator gets a token once, and keeps it as long as it is good', async () => {
    assert.equal((await start())?.person.handle, 'olga');
    const [token] = kept;
    assert.equal((await whoHas(token!)).handle, 'olga');
    assert.equal(await start({ token: token! }), undefined);
    assert.equal(kept.length, 1);
    await query(api.database.url, 'update tokens set expires_at = $1', [Date.now() + 20 * 86_400_000]);
    await start({ token: token! });
    assert.equal((await whoHas(kept[1]!)).handle, 'olga');
  });

  test('a token that is lost is made anew only where the database is this machine’s own', async () => {
    await start();
    await start({ owned: false });
    assert.equal(kept.length, 1);
    await start({ token: 'a token of an older version' });
    assert.equal(kept.length, 2);
  });

  test('an operator who is disabled, or was never made, gets none', async () => {
    await start({ operator: undefined });
    await start();
    assert.deepEqual([await handles(), kept], [['admin'], []]);
    await query(api.database.url, 'truncate people cascade');
    await start();
    await query(
      api.database.url,
      `insert into people (id, handle, name, created_at, created_by) values ('per_2', 'second', '', 1, 'test')`,
    );
    await query(
      api.database.url,
      `insert into grants (id, person_id, role, from_at, granted_by, granted_at) values ('grt_2', 'per_2', 'admin', 1, 'test', 1)`,
    );
    await api.store.transaction((tx) =>
      setDisabledIn(api.world, tx, { handle: 'olga', disabled: true, actor: 'test' }),
    );
    await start();
    assert.equal(kept.length, 1);
    await assert.rejects(whoHas(kept[0]!), { reason: 'CREDENTIAL_REVOKED' });
  });

  test('nothing is made when the token cannot be kept: the next start begins anew', async () => {
    const full = () => Promise.reject(new Error('the disk is full'));
    await assert.rejects(start({ keep: full }), /the disk is full/);
    assert.deepEqual(await handles(), []);
    assert.equal((await start())?.person.handle, 'olga');
  });
});

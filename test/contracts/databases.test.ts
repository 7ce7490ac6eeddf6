import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import {
  makeScratch,
  query,
  realClock as clock,
  until,
  type Scratch,
} from '../../src/adapters/postgres/embedded/scratch.ts';
import { startEmbedded, type EmbeddedServer } from '../../src/adapters/postgres/embedded/start-embedded.ts';
import { createEnvironmentDatabases } from '../../src/adapters/postgres/environment-databases.ts';
import type { EnvironmentDatabases } from '../../src/ports/databases.ts';

describe('databases of environments', () => {
  const key = randomBytes(32);
  let scratch: Scratch;
  let server: EmbeddedServer;
  let databases: EnvironmentDatabases;

  before(async () => {
    scratch = await makeScratch();
    server = await startEmbedded({ directory: scratch.directory, clock });
    await query(server.url('postgres'), 'CREATE DATABASE liftlock');
    databases = createEnvironmentDatabases({ adminUrl: server.url('liftlock'), key, closed: ['postgres'] });
  });
  after(() => scratch.remove());

  test('a database is made once, with a role that owns it and may create in it', async () => {
    const { url } = await databases.ensure('shop/staging');
    await query(url, 'CREATE TABLE kept AS SELECT 42 AS answer');
    const again = await databases.ensure('shop/staging');
    assert.equal(again.url, url);
    assert.deepEqual(await query(again.url, 'SELECT answer FROM kept'), [{ answer: 42 }]);
    const [role] = await query(
      url,
      'SELECT rolsuper, rolcreatedb, rolcreaterole FROM pg_roles WHERE rolname = current_user',
    );
    assert.deepEqual(role, { rolsuper: false, rolcreatedb: false, rolcreaterole: false });
  });

  test('asking many times at once makes one database and one answer for each name', async () => {
    const others = createEnvironmentDatabases({ adminUrl: server.url('liftlock'), key });
    const answers = await Promise.all(
      ['at once/a', 'at once/b'].flatMap((name) => [databases, others, databases].map((one) => one.ensure(name))),
    );
    const urls = new Set(answers.map((answer) => answer.url));
    assert.equal(urls.size, 2);
    for (const url of urls) assert.deepEqual(await query(url, 'SELECT 1 AS one'), [{ one: 1 }]);
  });

  test("an environment enters neither another's database nor Liftlock's", async () => {
    const [mine, theirs] = await Promise.all([databases.ensure('isolated/a'), databases.ensure('isolated/b')]);
    const other = new URL(theirs.url).pathname;
    for (const closed of [other, '/liftlock', '/postgres']) {
      const url = new URL(mine.url);
      url.pathname = closed;
      await assert.rejects(query(url.href, 'SELECT 1'), { code: '42501' }, closed);
    }
    const asOther = new URL(mine.url);
    asOther.username = new URL(theirs.url).username;
    asOther.pathname = other;
    await assert.rejects(query(asOther.href, 'SELECT 1'), { code: '28P01' });
  });

  test('names are only names: hostile, long and similar ones get databases of their own', async () => {
    const names = [
      'x"; DROP DATABASE liftlock; --',
      "it's",
      'A/b',
      'a/B',
      'a_b',
      'prod\u0301uction',
      `${'long'.repeat(40)}1`,
      `${'long'.repeat(40)}2`,
      '',
    ];
    const urls: string[] = [];
    for (const name of names) urls.push((await databases.ensure(name)).url);
    assert.equal(new Set(urls).size, names.length);
    for (const [index, url] of urls.entries()) {
      await query(url, 'CREATE TABLE whose AS SELECT 1 AS one');
      assert.equal((await databases.ensure(names[index] ?? '')).url, url);
    }
    assert.deepEqual(await query(server.url('liftlock'), 'SELECT 1 AS one'), [{ one: 1 }]);
  });

  test('dropping removes data and role, also while sessions are open, and twice is as good as once', async () => {
    const { url } = await databases.ensure('short-lived');
    await query(url, 'CREATE TABLE gone AS SELECT 1 AS one');
    const open = query(url, 'SELECT pg_sleep(600)').catch((error: { code?: string }) => error.code);
    await until(async () => {
      const waiting = await query(
        server.url('postgres'),
        `SELECT 1 FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(600)' AND usename LIKE 'env_%'`,
      );
      return waiting.length === 1;
    }, 'the session is open');
    await databases.drop('short-lived');
    await databases.drop('short-lived');
    assert.equal(await open, '57P01');
    await assert.rejects(query(url, 'SELECT 1'), { code: '28P01' });
    assert.equal((await databases.ensure('short-lived')).url, url);
    assert.deepEqual(await query(url, `SELECT 1 FROM pg_tables WHERE tablename = 'gone'`), []);
  });

  test('a password that was changed behind our back holds again after the next ensure; another key gives another password', async () => {
    const { url } = await databases.ensure('changed');
    const role = new URL(url).username;
    await query(server.url('postgres'), `ALTER ROLE ${role} PASSWORD 'other' CONNECTION LIMIT 0`);
    await assert.rejects(query(url, 'SELECT 1'));
    await databases.ensure('changed');
    assert.deepEqual(await query(url, 'SELECT 1 AS one'), [{ one: 1 }]);
    const rekeyed = createEnvironmentDatabases({ adminUrl: server.url('liftlock'), key: randomBytes(32) });
    assert.notEqual((await rekeyed.ensure('changed')).url, url);
  });

  test('no password reaches the log of the server, even when it logs every statement', async () => {
    const logged = (): Promise<string> => readFile(path.join(scratch.directory, 'postgres.log'), 'utf8');
    await query(server.url('postgres'), `ALTER ROLE liftlock SET log_statement = 'all'`);
    const { url } = await databases.ensure('unlogged');
    await query(server.url('postgres'), 'ALTER ROLE liftlock RESET log_statement');
    assert.match(await logged(), /CREATE ROLE env_unlogged_/);
    assert.equal((await logged()).includes(new URL(url).password), false);
  });

  test('an admin without superuser rights is enough when it may create databases and roles', async () => {
    await query(server.url('postgres'), `CREATE ROLE modest LOGIN CREATEDB CREATEROLE PASSWORD 'modest'`);
    await query(server.url('postgres'), 'CREATE DATABASE modest OWNER modest');
    const adminUrl = `postgresql://modest:modest@127.0.0.1:${server.port}/modest`;
    const modest = createEnvironmentDatabases({ adminUrl, key });
    const { url } = await modest.ensure('by a modest admin');
    await query(url, 'CREATE TABLE kept AS SELECT 1 AS one');
    assert.equal((await modest.ensure('by a modest admin')).url, url);
    await modest.drop('by a modest admin');
  });

  test('an admin that may not create roles, or may not close its own database, is a failure that says what to do', async () => {
    await query(server.url('postgres'), `CREATE ROLE powerless LOGIN PASSWORD 'powerless'`);
    await query(server.url('postgres'), `CREATE ROLE guest LOGIN CREATEDB CREATEROLE PASSWORD 'guest'`);
    await query(server.url('postgres'), 'CREATE DATABASE shared');
    const as = (role: string): EnvironmentDatabases =>
      createEnvironmentDatabases({ adminUrl: `postgresql://${role}:${role}@127.0.0.1:${server.port}/shared`, key });
    await assert.rejects(as('powerless').ensure('refused'), { code: 'database/failed', hint: /CREATEROLE/ });
    await assert.rejects(as('guest').ensure('refused too'), { code: 'database/unsupported', hint: /REVOKE ALL/ });
  });

  test('a server that is not there is unreachable, and a short key is refused at once', async () => {
    const absent = createEnvironmentDatabases({ adminUrl: 'postgresql://liftlock:x@127.0.0.1:1/liftlock', key });
    await assert.rejects(absent.ensure('anything'), { code: 'database/unreachable', hint: /runs/ });
    assert.throws(
      () => createEnvironmentDatabases({ adminUrl: server.url('liftlock'), key: new Uint8Array(8) }),
      RangeError,
    );
  });
});

import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { describe, test } from 'node:test';
import pg from 'pg';
import type { PostgresStore } from '../../../src/adapters/postgres/store.ts';
import { Failure } from '../../../src/domain/base/failure.ts';
import { instant } from '../../../src/domain/base/time.ts';
import type { Promotion } from '../../../src/domain/promotion/promotion.ts';
import type { Transaction } from '../../../src/ports/store.ts';
import {
  fill,
  makeDatabase,
  migrationsDirectory,
  newId,
  openTestStore,
  query,
  sha256,
  until,
  withStore,
  type TestDatabase,
} from '../../world/make.ts';
import {
  byTrigger,
  insertRelease,
  insertShop,
  later,
  makeBuild,
  makeProject,
  makePromotion,
  makeSpec,
  occupy,
  verify,
  type Shop,
} from '../../make/records.ts';

describe('the store', () => {
  let database: TestDatabase;
  let store: PostgresStore;
  withStore((opened, its) => ([store, database] = [opened, its]));

  const shop = (): Promise<Shop> => store.transaction((tx) => insertShop(tx, [makeSpec('staging')]));

  async function shopWithRelease() {
    const { project, environments } = await shop();
    const release = await store.transaction((tx) => insertRelease(tx, project.id));
    return { project: project.id, environment: environments['staging']!, release: release.id };
  }

  test('work that throws leaves no row and no event', async () => {
    const project = makeProject();
    const events = await query(database.url, 'select count(*) from events');
    await assert.rejects(
      store.transaction(async (tx) => {
        await tx.projects.insert(project);
        await tx.events.append({ kind: 'project.added', actor: 'ada', at: later(), project: project.id, data: {} });
        throw new Failure('promotion/refused', 'no');
      }),
      { code: 'promotion/refused' },
    );
    assert.equal(await store.transaction((tx) => tx.projects.byName(project.name)), undefined);
    assert.deepEqual(await query(database.url, 'select count(*) from events'), events);
  });

  test('a project is read back as it was written, and its release numbers count without gaps', async () => {
    const project = makeProject({ poll: { dueAt: later(), failures: 3, error: 'it answered 503' } });
    const numbers = await store.transaction(async (tx) => {
      await tx.projects.insert(project);
      return [await tx.projects.nextReleaseNumber(project.id), await tx.projects.nextReleaseNumber(project.id)];
    });
    assert.deepEqual(await store.transaction((tx) => tx.projects.byName(project.name)), project);
    assert.deepEqual(numbers, [1, 2]);
  });

  test('no two who look for a free port at once find the same one', async () => {
    const environments = await Promise.all(
      Array.from({ length: 4 }, async () => (await shop()).environments['staging']!),
    );
    const given = await Promise.all(
      environments.map((id) =>
        store.transaction(async (tx) => {
          const port = Math.max(7_499, ...(await tx.environments.usedPorts())) + 1;
          await tx.environments.setPort(id, port);
          return port;
        }),
      ),
    );
    assert.equal(new Set(given).size, 4, given.join(' '));
  });

  test('what is known of instances that are not well is kept with their environment until all are well', async () => {
    const environment = (await shop()).environments['staging']!;
    const ailing = {
      deployment: newId('dep'),
      lookedAt: instant(2),
      patients: [{ instance: 1, because: 'no answer', since: instant(1), failures: 2, silences: 1 }],
      restarts: [{ instance: 2, at: instant(1), outage: false }],
      told: false,
    };
    const kept = async () => (await store.transaction((tx) => tx.environments.get(environment)))?.ailing;
    assert.equal(await kept(), undefined);
    await store.transaction((tx) => tx.environments.setAiling(environment, ailing));
    assert.deepEqual(await kept(), ailing);
    await store.transaction((tx) => tx.environments.setAiling(environment, undefined));
    assert.equal(await kept(), undefined);
  });

  test('projects that another transaction holds are left out of those that are due', async () => {
    const { project } = await shop();
    const dueNow = (tx: Transaction) => tx.projects.due(instant(0), 1_000).then((found) => found.map(({ id }) => id));
    await store.transaction(async (tx) => {
      assert.ok((await dueNow(tx)).includes(project.id));
      assert.ok(!(await store.transaction(dueNow)).includes(project.id));
    });
  });

  test('R11: one event makes one promotion in an environment, however often it is told', async () => {
    const { project, environment, release } = await shopWithRelease();
    const insert = (promotion: Promotion) => store.transaction((tx) => tx.promotions.insert(promotion, project));
    const tellings = await Promise.all(
      Array.from({ length: 8 }, () => insert(makePromotion(environment, release, { origin: byTrigger('main:abc') }))),
    );
    assert.deepEqual(tellings.filter(Boolean).length, 1);
    assert.equal(await insert(makePromotion(environment, release, { origin: byTrigger('main:def') })), true);
    assert.equal(await insert(makePromotion(environment, release)), true, 'a person may ask again');
    assert.equal(await insert(makePromotion(environment, release)), true);
  });

  test('R11: a commit is built once', async () => {
    const { project } = await shop();
    const build = makeBuild(project.id, 1);
    assert.equal(await store.transaction((tx) => tx.builds.insert(build)), true);
    const again = makeBuild(project.id, 2, { commit: build.commit });
    assert.equal(await store.transaction((tx) => tx.builds.insert(again)), false);
    assert.deepEqual(await store.transaction((tx) => tx.builds.ofCommit(project.id, build.commit)), build);
    for (const length of [4, 40])
      assert.deepEqual(
        await store.transaction((tx) => tx.builds.commitsBeginning(project.id, build.commit.slice(0, length))),
        [build.commit],
      );
  });

  test('R7: the database itself refuses a second running promotion in an environment', async () => {
    const { project, environment, release } = await shopWithRelease();
    const running = (): Promotion =>
      makePromotion(environment, release, {
        progress: { state: 'running', phase: 'preparing', lease: newId('lse'), startedAt: later() },
      });
    await store.transaction((tx) => tx.promotions.insert(running(), project));
    await assert.rejects(
      store.transaction((tx) => tx.promotions.insert(running(), project)),
      { code: '23505' },
    );
  });

  test('a promotion is read back as it was written, in every state', async () => {
    const { project, environment, release } = await shopWithRelease();
    const at = later();
    const waiting = makePromotion(environment, release, { origin: byTrigger('tag:v1:abc', 'tag') });
    const running: Promotion = {
      ...waiting,
      progress: { state: 'running', phase: 'verifying', lease: newId('lse'), startedAt: at },
      planHash: sha256('plan'),
      switchedAt: at,
      reason: 'it is bad',
      stop: { by: 'ada', cause: 'veto', reason: 'it is bad', at },
    };
    const ended: Promotion = {
      ...running,
      progress: { state: 'ended', outcome: 'rolled-back', startedAt: at, endedAt: later() },
      supersededBy: newId('prm'),
      rolledBackBy: newId('prm'),
    };
    const neverStarted: Promotion = { ...waiting, progress: { state: 'ended', outcome: 'aborted', endedAt: at } };
    await store.transaction((tx) => tx.promotions.insert(waiting, project));
    for (const promotion of [waiting, running, ended, neverStarted]) {
      await store.transaction((tx) => tx.promotions.update(promotion));
      const row = await store.transaction((tx) => tx.promotions.get(waiting.id));
      assert.deepEqual(row?.promotion, promotion);
    }
  });

  test('answers of gates are kept beside the promotion and can be taken away', async () => {
    const { project, environment, release } = await shopWithRelease();
    const promotion = makePromotion(environment, release);
    const answers = { summary: 'waiting', all: [], peopleAreAsked: true, lookups: [], askAgainAt: undefined } as const;
    await store.transaction((tx) => tx.promotions.insert(promotion, project));
    await store.transaction((tx) => tx.promotions.setAnswers(promotion.id, answers));
    assert.deepEqual((await store.transaction((tx) => tx.promotions.get(promotion.id)))?.answers, answers);
    await store.transaction((tx) => tx.promotions.setAnswers(promotion.id, undefined));
    assert.equal((await store.transaction((tx) => tx.promotions.get(promotion.id)))?.answers, undefined);
  });

  test('promotions are listed newest first, by any filter, page by page', async () => {
    const { project, environment, release } = await shopWithRelease();
    const inserted = [1, 2, 3].map(() => makePromotion(environment, release));
    for (const promotion of inserted) await store.transaction((tx) => tx.promotions.insert(promotion, project));
    const list = (olderThan?: number) =>
      store.transaction((tx) =>
        tx.promotions.list({
          project,
          environment,
          release,
          state: 'waiting',
          limit: 2,
          ...(olderThan === undefined ? {} : { before: olderThan }),
        }),
      );
    const first = await list();
    const second = await list(first.at(-1)!.seq);
    assert.deepEqual(
      [...first, ...second].map((row) => row.promotion.id),
      inserted.map(({ id }) => id).reverse(),
    );
    assert.equal(first[0]!.environmentName, 'staging');
    assert.equal(first[0]!.releaseNumber, 1);
  });

  test('text that PostgreSQL cannot hold is stored with the unspeakable characters replaced', async () => {
    const strange = 'before\0between\ud800after';
    const expected = 'before\ufffdbetween\ufffdafter';
    const project = makeProject({ poll: { dueAt: later(), failures: 1, error: strange } });
    await store.transaction(async (tx) => {
      await tx.projects.insert(project);
      await tx.events.append({
        kind: 'project.added',
        actor: 'ada',
        at: later(),
        project: project.id,
        data: { strange, k: ['\\u0000', strange] },
      });
    });
    assert.equal((await store.transaction((tx) => tx.projects.byName(project.name)))?.poll.error, expected);
    const event = await until(async () => (await store.events.tail({ project: project.id }, 1))[0], 'the event');
    assert.deepEqual(event.data, { strange: expected, k: ['\\u0000', expected] });
  });

  test('a deadlock is not seen outside: the work runs again', async () => {
    const [left, right] = [await shop(), await shop()];
    let runs = 0;
    const both = (first: Shop, second: Shop, ready: () => Promise<void>) =>
      store.transaction(async (tx) => {
        runs += 1;
        await tx.projects.lock(first.project.id);
        await ready();
        await tx.projects.lock(second.project.id);
        await tx.projects.nextReleaseNumber(second.project.id);
      });
    const meeting = meetOnce();
    await Promise.all([both(left, right, meeting), both(right, left, meeting)]);
    // The database may end both.
    assert.ok(runs > 2, `${runs}`);
    const numbers = await Promise.all(
      [left, right].map(({ project }) => store.transaction((tx) => tx.projects.nextReleaseNumber(project.id))),
    );
    assert.deepEqual(numbers, [2, 2]);
  });

  test('R36: what an environment could go back to keeps its artifact, however often the present release was started again', async () => {
    const { project, environments } = await shop();
    const environment = environments['staging']!;
    const artifactOf = (release: { id: string }) => sha256(release.id);
    const [old, good, vetoed, bad, now] = await store.transaction(async (tx) => {
      const made = [];
      for (let count = 0; count < 5; count++) made.push(await insertRelease(tx, project.id));
      for (const release of made) await occupy(tx, project.id, { environment, release: release.id });
      for (const release of made) {
        if (release !== made[3]) await verify(tx, { environment, release });
      }
      const veto = { id: newId('vto'), environment: undefined, by: 'ada', reason: 'leaks', at: later() };
      await tx.vetoes.insert({ ...veto, release: made[2]!.id });
      for (let heals = 0; heals < 30; heals++) await occupy(tx, project.id, { environment, release: made[4]!.id });
      return made;
    });
    const kept = await store.transaction((tx) => tx.releases.artifactsInUse({ newest: 0, verified: 2 }));
    assert.deepEqual(
      [old, good, vetoed, bad, now].map((release) => kept.has(artifactOf(release!))),
      [false, true, false, false, true],
    );
  });

  test('several processes that start at once on an empty database make one schema', async () => {
    const name = `starting_${Date.now()}`;
    const url = new URL(database.url);
    await query(database.url, `create database ${name}`);
    url.pathname = name;
    try {
      await Promise.all(Array.from({ length: 4 }, () => fill(url.href)));
      assert.deepEqual(await query(url.href, 'select count(*)::int as migrations from kysely_migration'), [
        { migrations: readdirSync(migrationsDirectory).length },
      ]);
    } finally {
      await query(database.url, `drop database ${name} with (force)`);
    }
  });

  test('a statement prepared before a migration by another process is prepared again', async () => {
    const one = await openTestStore(database.url, { poolSize: 1 });
    try {
      const { project } = await shop();
      assert.equal((await one.transaction((tx) => tx.projects.get(project.id)))?.name, project.name);
      await query(database.url, 'alter table projects add column added_later text');
      assert.equal((await one.transaction((tx) => tx.projects.get(project.id)))?.name, project.name);
    } finally {
      await one.close();
      await query(database.url, 'alter table projects drop column if exists added_later');
    }
  });

  test('connections are named after the product, so that an administrator knows whose they are', async () => {
    await store.transaction(async () => {
      const names = await query(
        database.url,
        `select distinct application_name as name from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`,
      );
      assert.ok(names.some(({ name }) => name === 'liftlock'));
    });
  });

  test('listeners hear of committed events once they are committed, here and in another store', async () => {
    const other = await openTestStore(database.url);
    const heard = { here: 0, there: 0 };
    const undo = [store.onCommit(() => (heard.here += 1)), other.onCommit(() => (heard.there += 1))];
    try {
      const listening = `select from pg_stat_activity where application_name = 'liftlock events' and query like 'listen%' and datname = current_database()`;
      await until(async () => (await query(database.url, listening)).length >= 2, 'both listen');
      await store.transaction(async (tx) => {
        await tx.events.append({ kind: 'a.b', actor: 'ada', at: later(), data: {} });
        assert.equal(heard.here, 0);
      });
      assert.equal(heard.here, 1);
      await until(() => heard.there > 0, 'the other store heard of it');
      await store.transaction((tx) => tx.projects.byName('nobody'));
      assert.equal(heard.here, 1, 'a transaction without events is no news');
    } finally {
      for (const stop of undo) stop();
      await other.close();
    }
  });
});

/** Lets two callers go on when both have arrived; later callers pass. */
function meetOnce(): () => Promise<void> {
  let arrived = 0;
  let open!: () => void;
  const met = new Promise<void>((resolve) => (open = resolve));
  return () => {
    arrived += 1;
    if (arrived >= 2) open();
    return met;
  };
}

test('a server that is too old is refused with the version it needs', async (t) => {
  const database = await makeDatabase();
  t.after(() => database.drop());
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  await client.query('create schema old');
  await client.query(
    `create function old.current_setting(name text) returns text language sql as $$ select case name when 'server_version_num' then '140011' else '14.11' end $$`,
  );
  await client.query(`alter database ${client.database} set search_path = old, pg_catalog, public`);
  await client.end();
  await assert.rejects(openTestStore(database.url), {
    code: 'database/unsupported',
    message: /14\.11 is too old/,
    hint: /15 or newer/,
  });
});

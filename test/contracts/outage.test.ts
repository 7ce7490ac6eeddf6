/** Store and jobs while PostgreSQL is killed, absent and back again. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { createClock } from '../../src/adapters/clock/system.ts';
import { createJobs, type DbosJobs } from '../../src/adapters/jobs/dbos.ts';
import { identify } from '../../src/adapters/processes/identity.ts';
import { makeScratch, type Scratch } from '../../src/adapters/postgres/embedded/scratch.ts';
import { startEmbedded, type EmbeddedServer } from '../../src/adapters/postgres/embedded/start-embedded.ts';
import type { PostgresStore } from '../../src/adapters/postgres/store.ts';
import type { PromotionId, ReplicaId } from '../../src/domain/base/id.ts';
import { instant } from '../../src/domain/base/time.ts';
import { listeningLog, newId, openTestStore, query, until } from '../world/make.ts';
import { later, makeProject } from '../make/records.ts';

describe('while PostgreSQL is away', () => {
  let scratch: Scratch;
  let server: EmbeddedServer;
  let url: string;
  let jobs: DbosJobs;
  let store: PostgresStore;
  const log = listeningLog();
  const handled = new Set<PromotionId>();
  const replica = newId('rpl');

  before(async () => {
    scratch = await makeScratch();
    server = await startEmbedded({ directory: scratch.directory, clock: createClock() });
    await query(server.url('postgres'), 'create database liftlock');
    url = server.url('liftlock');
    jobs = await createJobs({ url, replica, concurrency: { deploy: 4, build: 1 }, log });
    store = await openTestStore(url, { enqueueWith: jobs.enqueueOn, log });
    await jobs.start(async (job) => {
      if (job.kind !== 'deploy') return;
      await store.transaction((tx) =>
        tx.events.append({ kind: 'job.handled', actor: 'test', at: later(), promotion: job.promotion, data: {} }),
      );
      handled.add(job.promotion);
    });
  });
  after(async () => {
    await jobs?.stop();
    await store?.close();
    await scratch?.remove();
  });

  /** Its backends see a moment later that it is gone, and may answer until then. */
  const kill = async () => {
    const backends = (await query(url, 'select pid from pg_stat_activity')).map(({ pid }) => Number(pid));
    process.kill(server.pid, 'SIGKILL');
    await until(() => [server.pid, ...backends].every((pid) => identify(pid) === undefined), 'the server is gone');
  };
  const startAgain = async () => {
    server = await startEmbedded({ directory: scratch.directory, clock: createClock(), port: server.port });
    assert.equal(server.url('liftlock'), url);
  };
  const beat = (at: number, id: ReplicaId = replica) =>
    store.transaction((tx) =>
      tx.replicas.beat({ id, roles: 'all', version: '1', startedAt: instant(1), beatAt: instant(at) }),
    );

  test('a transaction cut off in the middle fails as unreachable, leaves nothing, and works again afterwards', async () => {
    const project = makeProject();
    const interrupted = store.transaction(async (tx) => {
      await tx.projects.insert(project);
      await kill();
      await tx.projects.byName(project.name);
    });
    await assert.rejects(interrupted, { code: 'database/unreachable' });
    await assert.rejects(
      store.transaction((tx) => tx.projects.list()),
      { code: 'database/unreachable' },
    );
    await assert.rejects(store.facts(newId('env'), { now: instant(1) }), { code: 'database/unreachable' });
    await assert.rejects(async () => store.events.tail({}, 1), { code: 'database/unreachable' });
    await assert.rejects(openTestStore(url), { code: 'database/unreachable' });
    await assert.rejects(createJobs({ url, replica: newId('rpl'), concurrency: { deploy: 1, build: 1 }, log }), {
      code: 'database/unreachable',
    });
    await startAgain();
    assert.equal(await store.transaction((tx) => tx.projects.byName(project.name)), undefined);
    await store.transaction((tx) => tx.projects.insert(project));
    assert.deepEqual(await store.transaction((tx) => tx.projects.byName(project.name)), project);
  });

  test('jobs that were enqueued, claimed or running when it was killed are all handled when it is back', async () => {
    const enqueued: PromotionId[] = [];
    const enough = new AbortController();
    const enqueueing = (async () => {
      while (!enough.signal.aborted) {
        const promotion = newId('prm');
        const done = await store
          .transaction((tx) => tx.enqueue({ kind: 'deploy', promotion, environment: newId('env') }))
          .then(
            () => true,
            () => false,
          );
        if (done) enqueued.push(promotion);
        jobs.kick();
        await wait(2);
      }
    })();
    for (const kills of [1, 2]) {
      const soFar = handled.size;
      await until(() => handled.size > soFar + 20, `jobs before kill ${kills}`);
      await kill();
      await startAgain();
    }
    const soFar = handled.size;
    await until(() => handled.size > soFar + 20, 'jobs after the last kill');
    enough.abort();
    await enqueueing;
    await until(() => enqueued.every((promotion) => handled.has(promotion)), 'every job');
    await until(
      async () =>
        (await query(url, `select distinct status from dbos.workflow_status`)).every(
          ({ status }) => status === 'SUCCESS',
        ),
      'every end is recorded',
    );
    assert.deepEqual(
      log.lines.filter(({ level }) => level === 'error'),
      [],
    );
  });

  test('listeners hear again of what others record once it is back', async () => {
    const other = await openTestStore(url);
    let heard = 0;
    const stop = other.onCommit(() => (heard += 1));
    const listening = `select 1 from pg_stat_activity where application_name = 'liftlock events' and query like 'listen%'`;
    await until(async () => (await query(url, listening)).length > 0, 'it listens');
    await kill();
    await startAgain();
    await until(async () => (await query(url, listening)).length > 0, 'it listens again');
    heard = 0;
    await store.transaction((tx) => tx.events.append({ kind: 'a.b', actor: 'test', at: later(), data: {} }));
    await until(() => heard > 0, 'the event after the outage');
    stop();
    await other.close();
  });

  test('a replica is gone when its lock is free and its beat old; one that only lost its connection is not', async () => {
    const other = newId('rpl');
    const theirs = await openTestStore(url);
    const markGone = (silentSince: number, deadSince = 0) =>
      store.transaction((tx) =>
        tx.replicas.markGone(replica, {
          silentSince: instant(silentSince),
          deadSince: instant(deadSince),
          now: instant(900),
        }),
      );
    const theyBeat = (at: number) =>
      theirs.transaction((tx) =>
        tx.replicas.beat({ id: other, roles: 'worker', version: '1', startedAt: instant(1), beatAt: instant(at) }),
      );
    assert.equal(await beat(100), 'beating');
    assert.equal(await theyBeat(100), 'beating');
    assert.deepEqual(await markGone(200), [], 'silent, but it holds its lock');
    await kill();
    await startAgain();
    assert.equal(await theyBeat(150), 'beating');
    assert.deepEqual(await markGone(200), [], 'the beat took the lock again');
    await theirs.close();
    await until(
      async () =>
        (await query(url, `select 1 from pg_stat_activity where application_name = 'liftlock replica'`)).length <= 1,
      'their connection is closed',
    );
    assert.deepEqual(await markGone(120), [], 'the lock is free, but the beat is young');
    assert.deepEqual(await markGone(200), [other]);
    assert.equal(await store.transaction((tx) => tx.replicas.isGone(other)), true);
    const back = await openTestStore(url);
    assert.equal(
      await back.transaction((tx) =>
        tx.replicas.beat({ id: other, roles: 'worker', version: '1', startedAt: instant(1), beatAt: instant(300) }),
      ),
      'declared-gone',
    );
    await back.close();
    assert.deepEqual(await store.transaction((tx) => tx.replicas.unreclaimed()), [other]);
    await store.transaction((tx) => tx.replicas.reclaimed(other, instant(950)));
    assert.deepEqual(await store.transaction((tx) => tx.replicas.unreclaimed()), []);
    assert.deepEqual(
      (await store.transaction((tx) => tx.replicas.present())).map(({ id }) => id),
      [replica],
    );
    const hung = newId('rpl');
    assert.equal(await beat(100, hung), 'beating');
    assert.deepEqual(await markGone(100, 101), [hung], 'a beat that is much too old counts, lock or not');
  });

  test('stopping does not wait for a server that is away', { timeout: 60_000 }, async () => {
    await kill();
    await jobs.stop();
    await store.close();
    await startAgain();
  });
});

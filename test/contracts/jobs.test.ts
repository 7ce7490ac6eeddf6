import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { after, afterEach, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { DBOSClient } from '@dbos-inc/dbos-sdk';
import { createJobs, type DbosJobs } from '../../src/adapters/jobs/dbos.ts';
import { createStrayFinder, deleteEnded } from '../../src/adapters/jobs/housekeeping.ts';
import type { PostgresStore } from '../../src/adapters/postgres/store.ts';
import { Failure } from '../../src/domain/base/failure.ts';
import type { EnvironmentId, ReplicaId } from '../../src/domain/base/id.ts';
import type { Job } from '../../src/ports/jobs.ts';
import {
  listeningLog,
  makeDatabase,
  newId,
  openTestStore,
  query,
  silent,
  until,
  type TestDatabase,
} from '../world/make.ts';

describe('jobs', () => {
  let database: TestDatabase;
  let jobs: DbosJobs;
  let store: PostgresStore;
  let replica: ReplicaId;
  let log: ReturnType<typeof listeningLog>;

  before(async () => {
    database = await makeDatabase();
  });
  after(() => database?.drop());
  afterEach(async () => {
    await jobs?.stop();
    await store?.close();
    for (const table of ['workflow_status', 'workflow_input', 'workflow_output'])
      await query(database.url, `delete from dbos.${table}`);
  });

  async function open(concurrency = { deploy: 4, build: 1 }): Promise<void> {
    replica = newId('rpl');
    log = listeningLog();
    jobs = await createJobs({ url: database.url, replica, concurrency, log });
    store = await openTestStore(database.url, { enqueueWith: jobs.enqueueOn });
  }

  const deployJob = (environment: EnvironmentId = newId('env')): Job & { kind: 'deploy' } => ({
    kind: 'deploy',
    promotion: newId('prm'),
    environment,
  });
  const enqueue = (job: Job, attempt = 0) => store.transaction((tx) => tx.enqueue(job, { attempt }));
  const states = async (): Promise<string[]> =>
    (await query(database.url, 'select status from dbos.workflow_status order by status')).map(({ status }) => status);

  test('every kind of job comes to the handler as it was enqueued', async () => {
    await open();
    const given: Job[] = [
      { kind: 'build', build: newId('bld') },
      deployJob(),
      { kind: 'verify', environment: newId('env'), release: newId('rel'), request: 'vrq_1' },
    ];
    const handled: Job[] = [];
    await jobs.start(async (job) => void handled.push(job));
    for (const job of given) await enqueue(job);
    jobs.kick();
    await until(() => handled.length === 3, 'all jobs handled');
    const sorted = (list: readonly Job[]) => [...list].sort((left, right) => left.kind.localeCompare(right.kind));
    assert.deepEqual(sorted(handled), sorted(given));
    await until(async () => (await states()).every((state) => state === 'SUCCESS'), 'all ends recorded');
  });

  test('R40: a job exists exactly when the transaction that enqueued it commits', async () => {
    await open();
    const handled: Job[] = [];
    await jobs.start(async (job) => void handled.push(job));
    const undone = deployJob();
    await assert.rejects(
      store.transaction(async (tx) => {
        await tx.enqueue(undone);
        throw new Error('on second thought');
      }),
      /on second thought/,
    );
    assert.deepEqual(await states(), []);
    const done = deployJob();
    await store.transaction(async (tx) => {
      await tx.enqueue(done);
      jobs.kick();
      assert.deepEqual(await states(), [], 'nobody sees it before the commit');
    });
    await until(() => handled.length > 0, 'the job of the committed transaction');
    assert.deepEqual(handled, [done]);
  });

  test('the same job enqueued twice runs once; another attempt is another job', async () => {
    await open();
    const handled: Job[] = [];
    await jobs.start(async (job) => void handled.push(job));
    const job = deployJob();
    await Promise.all([enqueue(job), enqueue(job), enqueue(job)]);
    await enqueue(job);
    assert.equal((await states()).length, 1);
    await enqueue(job, 1);
    jobs.kick();
    await until(async () => (await states()).filter((state) => state === 'SUCCESS').length === 2, 'both attempts');
    assert.deepEqual(handled, [job, job]);
  });

  test('R7: jobs of one environment run one after the other, those of others beside them, never more than allowed', async () => {
    await open({ deploy: 3, build: 1 });
    const environments = Array.from({ length: 5 }, () => newId('env'));
    const running = new Map<string, number>();
    let most = 0;
    let ended = 0;
    const { promise: asManyAsMay, resolve } = Promise.withResolvers<void>();
    await jobs.start(async (job) => {
      const { environment } = job as Job & { kind: 'deploy' };
      assert.equal(running.has(environment), false, 'two at once in one environment');
      running.set(environment, 1);
      most = Math.max(most, running.size);
      if (most >= 3) resolve();
      await asManyAsMay;
      await new Promise((done) => setTimeout(done, 5));
      running.delete(environment);
      ended += 1;
    });
    for (let round = 0; round < 6; round++)
      await Promise.all(environments.map((environment) => enqueue(deployJob(environment))));
    for (let kicks = 0; kicks < 20; kicks++) jobs.kick();
    await until(() => ended === 30, 'all jobs');
    assert.equal(most, 3);
    assert.deepEqual(
      log.lines.filter(({ level }) => level === 'error'),
      [],
    );
  });

  test('builds do not wait for deployments, nor deployments for builds', async () => {
    await open({ deploy: 1, build: 1 });
    const begun: string[] = [];
    let letGo!: () => void;
    const held = new Promise<void>((resolve) => (letGo = resolve));
    await jobs.start(async (job) => {
      begun.push(job.kind);
      await held;
    });
    await enqueue(deployJob());
    await enqueue({ kind: 'build', build: newId('bld') });
    jobs.kick();
    await until(() => begun.length === 2, 'both begun');
    letGo();
  });

  test('a failure that may pass is tried again until it has, and the job counts as done', async () => {
    await open();
    let tries = 0;
    await jobs.start(async () => {
      tries += 1;
      if (tries === 1) throw new Failure('database/unreachable', 'PostgreSQL does not answer');
    });
    await enqueue(deployJob());
    jobs.kick();
    await until(async () => (await states())[0] === 'SUCCESS', 'the second try');
    assert.equal(tries, 2);
    assert.ok(log.lines.some(({ level, message }) => level === 'warn' && /tried again/.test(message)));
  });

  test('R15: a defect ends the job with one error in the log and holds nobody up', async () => {
    await open();
    const environment = newId('env');
    const handled: string[] = [];
    const [bad, good] = [deployJob(environment), deployJob(environment)];
    await jobs.start(async (job) => {
      handled.push((job as typeof bad).promotion);
      if ((job as typeof bad).promotion === bad.promotion) throw new TypeError('undefined is not a function');
    });
    await enqueue(bad);
    await enqueue(good);
    jobs.kick();
    await until(() => handled.length === 2, 'the next job of the environment');
    const errors = log.lines.filter(({ level }) => level === 'error');
    assert.equal(errors.length, 1);
    assert.match(JSON.stringify(errors[0]!.fields), /undefined is not a function/);
  });

  test('stopping tells handlers; work that ended is done, work that was cut short goes to the next replica', async () => {
    await open();
    const told: string[] = [];
    const [obedient, cut] = [deployJob(), deployJob()];
    let begun = 0;
    await jobs.start(async (job, signal) => {
      begun += 1;
      await once(signal, 'abort');
      told.push((job as typeof cut).promotion);
      if ((job as typeof cut).promotion === cut.promotion) throw new Failure('lease/lost', 'shutting down');
    });
    await enqueue(obedient);
    await enqueue(cut);
    jobs.kick();
    await until(() => begun === 2, 'both begun');
    await jobs.stop();
    await store.close();
    assert.deepEqual([...told].sort(), [obedient.promotion, cut.promotion].sort());
    assert.deepEqual(await states(), ['ENQUEUED', 'SUCCESS']);
    await open();
    const handled: Job[] = [];
    await jobs.start(async (job) => void handled.push(job));
    await until(() => handled.length === 1, 'the job that was cut short');
    assert.deepEqual(handled, [cut]);
  });

  test('jobs of a process that was killed are given back and finished by another, in their environments', async () => {
    await open();
    const environment = newId('env');
    const given = [deployJob(environment), deployJob(), { kind: 'build', build: newId('bld') } as const];
    const waiting = deployJob(environment);
    const dead = newId('rpl');
    const child = spawn(
      process.execPath,
      [fileURLToPath(new URL('jobs-replica.ts', import.meta.url)), database.url, dead],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const begun: Job[] = [];
    createInterface({ input: child.stdout }).on('line', (line) => begun.push(JSON.parse(line) as Job));
    try {
      for (const job of given) await enqueue(job);
      await until(() => begun.length === 3, 'the other process has begun all');
      await enqueue(waiting);
    } finally {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    const handled: Job[] = [];
    await jobs.start(async (job) => void handled.push(job));
    await jobs.reclaim(newId('rpl'));
    assert.equal(handled.length, 0, 'nobody takes the jobs of a process that may be alive');
    await jobs.reclaim(dead);
    await until(async () => (await states()).filter((state) => state === 'SUCCESS').length === 4, 'all jobs finished');
    const keys = (list: readonly Job[]) => list.map((job) => JSON.stringify(job)).sort();
    assert.deepEqual(keys(handled), keys([...given, waiting]), 'each exactly once');
    const inEnvironment = handled.filter((job) => job.kind === 'deploy' && job.environment === environment);
    assert.deepEqual(inEnvironment, [given[0], waiting], 'the one that had begun goes first');
  });

  test('a job that was claimed but never begun is found and given back', async () => {
    await open();
    const handled: Job[] = [];
    await jobs.start(async (job) => void handled.push(job));
    const job = deployJob();
    await store.transaction(async (tx) => {
      await tx.enqueue(job);
    });
    await until(async () => (await states())[0] === 'SUCCESS', 'the first run');
    await query(
      database.url,
      `update dbos.workflow_status set status = 'PENDING', executor_id = $1, completed_at = null`,
      [replica],
    );
    const client = await DBOSClient.create({
      systemDatabaseUrl: database.url,
      applicationName: 'liftlock',
      logger: { info() {}, debug() {}, warn() {}, error() {} },
    });
    try {
      const findStrays = createStrayFinder(client, { replica, afterGivingBack: () => jobs.kick() });
      await findStrays();
      assert.equal(handled.length, 1, 'it may just be about to begin');
      await findStrays();
      await until(() => handled.length === 2, 'the stray');
      assert.deepEqual(await query(database.url, 'select queue_name, queue_partition_key from dbos.workflow_status'), [
        { queue_name: 'deploy', queue_partition_key: job.environment },
      ]);
    } finally {
      await client.destroy();
    }
  });

  test('jobs that ended long ago are deleted, with everything that belonged to them', async () => {
    await open();
    await jobs.start(async () => undefined);
    await enqueue(deployJob());
    jobs.kick();
    await until(async () => (await states())[0] === 'SUCCESS', 'the job');
    const client = await DBOSClient.create({
      systemDatabaseUrl: database.url,
      applicationName: 'liftlock',
      logger: { info() {}, debug() {}, warn() {}, error() {} },
    });
    try {
      assert.equal(await deleteEnded(client, Date.now() - 3_600_000), 0);
      assert.equal(await deleteEnded(client, Date.now() + 60_000), 1);
    } finally {
      await client.destroy();
    }
    for (const table of ['workflow_status', 'workflow_input', 'workflow_output']) {
      assert.deepEqual(
        await query(database.url, `select count(*)::int as left from dbos.${table}`),
        [{ left: 0 }],
        table,
      );
    }
  });

  test('a store without a queue refuses to enqueue, and the transaction leaves nothing', async () => {
    await open();
    const bare = await openTestStore(database.url, { log: silent });
    try {
      await assert.rejects(
        bare.transaction((tx) => tx.enqueue(deployJob())),
        /without a queue/,
      );
    } finally {
      await bare.close();
    }
  });
});

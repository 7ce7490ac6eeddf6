/** The real engine on a real store, with two workers, jobs that wait until the test runs them, and workers that die. */
import { createForge } from '../../../src/adapters/forge/forge.ts';
import { createMeters } from '../../../src/adapters/meters/meters.ts';
import { createProbe } from '../../../src/adapters/probe/probe.ts';
import { createMail } from '../../../src/adapters/outgoing/mail.ts';
import { createOutgoing } from '../../../src/adapters/outgoing/outgoing.ts';
import { createPasskeys } from '../../../src/adapters/passkeys/webauthn.ts';
import { createAttestations } from '../../../src/adapters/evidence/attestations.ts';
import { createReports } from '../../../src/adapters/evidence/reports.ts';
import pg from 'pg';
import { openStore, type EnqueueOn, type PostgresStore } from '../../../src/adapters/postgres/store.ts';
import { createWebhooks } from '../../../src/adapters/webhooks/webhooks.ts';
import { encodeBytes, type EnvironmentId, type ReplicaId } from '../../../src/domain/base/id.ts';
import { createLeases } from '../../../src/engine/leases.ts';
import { observe } from '../../../src/engine/trigger/observe.ts';
import { applyPipeline } from '../../../src/engine/pipeline/register.ts';
import { handle } from '../../../src/engine/replica.ts';
import { sweep, sweepStalled } from '../../../src/engine/sweep.ts';
import type { World } from '../../../src/engine/world.ts';
import type { Job } from '../../../src/ports/jobs.ts';
import type { Environment, Project, Transaction } from '../../../src/ports/store.ts';
import { noon, sha256 } from '../../make/facts.ts';
import { makeDatabase, migrationsDirectory, silent } from '../../world/make.ts';
import { insertPerson } from '../../make/records.ts';
import { createOutside, neverAsked, type Outside } from './outside.ts';
import { pipelineWith } from './pipeline.ts';
import { imagesAt } from '../../make/images.ts';

/** A worker as the engine knows it. Once dead, everything it asks for is refused. */
export interface Worker {
  readonly world: World;
  /** Dies at its `at`th transaction from now, before it begins or right after it was committed. */
  dieAt(at: number, when: 'before' | 'after'): void;
  readonly isDead: () => boolean;
}

class Died extends Error {}

export interface WaitingJob {
  readonly id: number;
  readonly job: Job;
}

export interface Stage {
  readonly outside: Outside;
  readonly project: Project;
  readonly environments: readonly Environment[];
  /** Two workers, each replaced by a new one when it died. */
  worker(which: 0 | 1): Worker;
  waitingJobs(): Promise<readonly WaitingJob[]>;
  done(job: WaitingJob): Promise<void>;
  query<Row>(text: string, values?: readonly unknown[]): Promise<Row[]>;
  close(): Promise<void>;
}

/** All of them may approve; nobody else may. */
export const everybody = ['ann', 'bob', 'cid'] as const;

/** A database, a project with the pipeline of the model, and two workers. */
export async function openStage(): Promise<Stage> {
  const database = await makeDatabase();
  const client = new pg.Client({ connectionString: database.url, types: { getTypeParser: numbersForBigints } });
  await client.connect();
  await client.query(
    'create table jobs_of_the_model (id serial primary key, job jsonb not null, done boolean not null default false)',
  );
  const store = await openStore({
    url: database.url,
    migrationsDirectory,
    log: silent,
    enqueueWith: enqueue,
    sealKey: new Uint8Array(32),
    poolSize: 6,
  });
  const outside = createOutside(noon);
  const random = countingBytes();
  const hire = () => createWorker({ store, outside, random });
  const workers: [Worker, Worker] = [hire(), hire()];
  const { project } = await applyPipeline(workers[0].world, {
    pipeline: pipelineWith(1),
    text: '',
    sourceUrl: '/nowhere',
    actor: 'ann',
  });
  const environments = await store.transaction(async (tx) => {
    for (const person of [...everybody, 'dan', 'eve']) await insertPerson(tx, person, { roles: ['release-manager'] });
    return tx.environments.ofProject(project.id);
  });
  const query = async <Row>(text: string, values: readonly unknown[] = []) =>
    (await client.query(text, [...values])).rows as Row[];
  return {
    outside,
    project,
    environments,
    worker(which) {
      if (workers[which].isDead()) workers[which] = hire();
      return workers[which];
    },
    waitingJobs: () => query<WaitingJob>('select id, job from jobs_of_the_model where not done order by id'),
    done: async ({ id }) => void (await query('update jobs_of_the_model set done = true where id = $1', [id])),
    query,
    async close() {
      await store.close();
      await client.end();
      await database.drop();
    },
  };
}

function numbersForBigints(oid: number, format?: 'text' | 'binary') {
  return oid === pg.types.builtins.INT8 ? Number : pg.types.getTypeParser(oid, format as 'text');
}

/** A job exists exactly when the transaction that wanted it has committed. */
const enqueue: EnqueueOn = async (client, job) => {
  await client.query('insert into jobs_of_the_model (job) values ($1)', [JSON.stringify(job)]);
};

function createWorker({
  store,
  outside,
  random,
}: {
  store: PostgresStore;
  outside: Outside;
  random: World['random'];
}): Worker {
  const life = { dead: false, left: Infinity, when: 'before' as 'before' | 'after' };
  const mortal: World['store'] = {
    ...store,
    async transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
      life.left -= 1;
      if (life.left === 0 && life.when === 'before') life.dead = true;
      if (life.dead) throw new Died('this worker is dead');
      const result = await store.transaction(work);
      if (life.left === 0) life.dead = true;
      if (life.dead) throw new Died('this worker died after its transaction was committed');
      return result;
    },
  };
  const alive = <Port extends object>(port: Port): Port =>
    new Proxy(port, {
      get: (from, name) => {
        const value = Reflect.get(from, name) as unknown;
        if (typeof value !== 'function') return value;
        return (...values: unknown[]) => {
          if (life.dead) throw new Died('this worker is dead');
          return (value as (...given: unknown[]) => unknown).apply(from, values);
        };
      },
    });
  const replica = `rpl_${encodeBytes(random(16))}` as ReplicaId;
  const target = alive(outside.target);
  const reports = createReports();
  const world: World = {
    clock: outside.clock,
    random,
    sha256,
    store: mortal,
    jobs: { kick: () => undefined },
    source: alive(outside.source),
    signatures: { verify: neverAsked, readPublicKeys: neverAsked },
    artifacts: alive(outside.artifacts),
    images: imagesAt(),
    processes: alive(outside.processes),
    workspaces: alive(outside.workspaces),
    targets: { process: target, docker: target, command: target },
    databases: { ensure: async () => ({ url: '' }), drop: async () => undefined },
    secrets: { read: async () => undefined },
    passkeys: createPasskeys(),
    outgoing: createOutgoing({ allowHosts: [] }),
    meters: createMeters({ outgoing: createOutgoing({ allowHosts: [] }), probe: createProbe() }),
    mail: createMail({ allowHosts: [] }),
    forge: createForge({ outgoing: createOutgoing({ allowHosts: [] }) }),
    reports,
    contents: { put: async (content) => sha256(content), get: () => Promise.reject(new Error('nobody asks')) },
    attestations: createAttestations(new Uint8Array(32), reports),
    log: silent,
    webhooks: createWebhooks({ key: random(32) }),
    leases: createLeases({ store: mortal, clock: outside.clock, replica }),
    replica,
    host: {
      variables: {},
      variable: () => undefined,
      dataDirectory: async (name) => `data/${name}`,
      ports: { first: 1, last: 2 },
    },
  };
  return {
    world,
    dieAt(at, when) {
      life.left = at;
      life.when = when;
    },
    isDead: () => life.dead,
  };
}

/** The same ids in the same order in every run, so that a seed replays everything. */
function countingBytes(): (length: number) => Uint8Array {
  let count = 0;
  return (length) => {
    count += 1;
    return Uint8Array.from({ length }, (_, index) =>
      index < length - 4 ? 0 : (count >> (8 * (length - 1 - index))) & 255,
    );
  };
}

/** Carries a job out; false when the worker died over it. Anything else that is thrown is a defect. */
export async function carryOut(worker: Worker, job: Job): Promise<boolean> {
  try {
    await handle(worker.world, job, new AbortController().signal);
    return true;
  } catch (thrown) {
    if (worker.isDead()) return false;
    throw thrown;
  }
}

/** Sweeps and carries out jobs until there is nothing left to do for now. */
export async function finishJobs(stage: Stage): Promise<void> {
  const worker = stage.worker(0);
  for (let quiet = 0; quiet < 2;) {
    await sweep(worker.world);
    await sweepStalled(worker.world);
    const jobs = await stage.waitingJobs();
    quiet = jobs.length === 0 ? quiet + 1 : 0;
    for (const job of jobs) {
      if (!(await carryOut(worker, job.job))) throw new Died('a worker died without being told to');
      await stage.done(job);
    }
  }
}

export function look(stage: Stage, worker = stage.worker(0)): Promise<void> {
  return observe(worker.world, stage.project.id);
}

export function environmentId(stage: Stage, name: string): EnvironmentId {
  return stage.environments.find(({ spec }) => spec.name === name)!.id;
}

/** Durable jobs on DBOS Transact: enqueued in the caller's transaction, run by whichever replica claims them. */
import { setImmediate as nextTurn, setTimeout as wait } from 'node:timers/promises';
import { DBOS, DBOSClient } from '@dbos-inc/dbos-sdk';
import type { ClientBase, Pool } from 'pg';
import type { ReplicaId } from '../../domain/base/id.ts';
import type { Job, Jobs } from '../../ports/jobs.ts';
import type { Log } from '../../ports/log.ts';
import { dbosLog } from './dbos-log.ts';
import { giveBack, pollNow, pollOneAtATime, retrySoon, untilRecorded } from './dbos-internals.ts';
import { keepHouse, ownersOfBegun } from './housekeeping.ts';
import { perform, type Handler } from './perform.ts';
import { createPool, preparing } from './pool.ts';
import { prepareTables } from './prepare-tables.ts';
import {
  applicationName,
  applicationVersion,
  placeOf,
  queueOf,
  queueSettings,
  queues,
  schemaName,
  workflowName,
} from './queues.ts';

export interface JobsOptions {
  /** The database of the store: jobs and rows share transactions. */
  readonly url: string;
  /** New at every start of a process: names the owner of jobs that have begun. */
  readonly replica: ReplicaId;
  /** How many jobs of each kind run here at once. */
  readonly concurrency: { readonly deploy: number; readonly build: number };
  readonly log: Log;
}

export interface DbosJobs extends Jobs {
  /** For `openStore`: enqueues on a client with an open transaction of the same database. */
  readonly enqueueOn: (client: ClientBase, job: Job, options?: { attempt?: number }) => Promise<void>;
}

/** Shared by polls, claims and records of what ended. */
const connections = 6;

/** How long `stop` waits for handlers that were told to end; what still runs then is given back all the same. */
const stopPatienceMs = 10_000;

/** A replica that could not give its jobs back is found gone, and they are given back for it. */
const givingBackPatienceMs = 2_000;

/** Almost for ever: the number of tries is the engine's business. */
const maxRecoveryAttempts = 1_000_000_000;

/**
 * Connects to the queue; `start` begins to work. DBOS keeps its state in the process, so a process has one of these at a time.
 * @throws Failure `database/unreachable`, `database/failed`.
 */
export async function createJobs(options: JobsOptions): Promise<DbosJobs> {
  const { url, replica } = options;
  const logger = dbosLog(options.log, Date.now);
  retrySoon();
  await prepareTables(url, logger);
  const pool = createPool(url, connections, logger.warn);
  const client = await DBOSClient.create({
    systemDatabaseUrl: url,
    systemDatabaseSchemaName: schemaName,
    systemDatabasePool: pool,
    applicationName,
    logger,
  });
  let working: Working | undefined;
  let stopping: Promise<void> | undefined;

  return {
    async enqueueOn(transaction, job, { attempt = 0 } = {}) {
      await client.enqueueInTransaction(
        preparing(transaction),
        { ...placeOf(job, attempt), workflowName, appVersion: applicationVersion },
        job,
      );
    },
    async start(handle) {
      working = await startWorking(client, { ...options, pool, logger }, handle);
    },
    kick: (kind) => working?.kick(kind),
    owners: () => ownersOfBegun(client),
    async reclaim(gone) {
      const count = await giveBack(client, gone);
      if (count > 0) working?.kick();
    },
    stop: () => (stopping ??= stop()),
  };

  async function stop(): Promise<void> {
    await working?.stop();
    // What was interrupted goes to another replica at once.
    if (working !== undefined)
      await Promise.race([giveBack(client, replica).catch(() => undefined), patience(givingBackPatienceMs)]);
    await client.destroy();
    await pool.end();
  }
}

interface Working {
  kick(kind?: Job['kind']): void;
  stop(): Promise<void>;
}

type WorkingOptions = JobsOptions & { readonly pool: Pool; readonly logger: ReturnType<typeof dbosLog> };

async function startWorking(client: DBOSClient, options: WorkingOptions, handle: Handler): Promise<Working> {
  const stopSignal = new AbortController();
  const running = new Set<Promise<unknown>>();
  const kickers = {
    [queues.deploy]: createKicker(queues.deploy),
    [queues.build]: createKicker(queues.build),
    [queues.check]: createKicker(queues.check),
    [queues.measure]: createKicker(queues.measure),
  };
  const kick = (kind?: Job['kind']) => {
    if (kind === undefined) return Object.values(kickers).forEach((kicker) => kicker());
    return kickers[queueOf(kind)]();
  };

  /** A job that was interrupted never ends here, so that DBOS records no end for it. */
  async function run(job: Job): Promise<void> {
    const id = DBOS.workflowID!;
    const performing = perform(job, { handle, signal: stopSignal.signal, log: options.log });
    const settled = performing.then((ending) => (ending === 'interrupted' ? undefined : recorded(id, job.kind)));
    running.add(settled);
    void settled.finally(() => running.delete(settled));
    if ((await performing) === 'interrupted') return new Promise(() => undefined);
  }

  /** The next job of the same environment may go once the end of this one is recorded. */
  async function recorded(id: string, kind: Job['kind']): Promise<void> {
    await nextTurn();
    await untilRecorded(id);
    kick(kind);
  }

  const polling = pollOneAtATime();
  DBOS.setConfig(dbosConfig(options));
  DBOS.registerWorkflow(run, { name: workflowName, maxRecoveryAttempts });
  for (const { name, settings } of queueSettings(options.concurrency)) await client.registerQueue(name, settings);
  await DBOS.launch();
  const housekeeping = keepHouse(client, { replica: options.replica, log: options.log, afterGivingBack: kick });
  kick();

  return {
    kick,
    async stop() {
      stopSignal.abort();
      housekeeping.stop();
      await Promise.race([Promise.allSettled(running), patience(stopPatienceMs)]);
      // A poll that is still under way would claim what is about to be given back.
      await Promise.race([polling.end(), patience(givingBackPatienceMs)]);
      await DBOS.shutdown({ deregister: true });
    },
  };
}

function patience(milliseconds: number): Promise<void> {
  return wait(milliseconds, undefined, { ref: false });
}

function dbosConfig({ url, replica, pool, logger }: WorkingOptions): Parameters<typeof DBOS.setConfig>[0] {
  return {
    name: applicationName,
    systemDatabaseUrl: url,
    systemDatabaseSchemaName: schemaName,
    systemDatabasePool: pool,
    applicationVersion,
    executorID: replica,
    listenQueues: Object.values(queues),
    useListenNotify: false,
    runMigrations: false,
    enableOTLP: false,
    tracingEnabled: false,
    logger,
  };
}

/** Polls the queue at once; while a poll is under way one more is remembered, however often it is called. */
function createKicker(queue: string): () => void {
  let polling = false;
  let again = false;
  const poll = async (): Promise<void> => {
    polling = true;
    do {
      again = false;
      await pollNow(queue);
    } while (again);
    polling = false;
  };
  return () => {
    again = true;
    if (!polling) void poll();
  };
}

/** Keeps the tables of DBOS small, and finds jobs that were claimed but never begun. */
import type { DBOSClient } from '@dbos-inc/dbos-sdk';
import type { ReplicaId } from '../../domain/base/id.ts';
import type { Log } from '../../ports/log.ts';
import { runningHere } from './dbos-internals.ts';

/** Long enough that whoever enqueues a job twice finds the first one. */
const keptMs = 3_600_000;
const cleaningEveryMs = 300_000;
const deletedAtOnce = 1_000;
const strayCheckEveryMs = 5_000;

export interface Housekeeping {
  stop(): void;
}

export function keepHouse(
  client: DBOSClient,
  options: { replica: ReplicaId; log: Log; afterGivingBack: () => void },
): Housekeeping {
  const strays = createStrayFinder(client, options);
  const timers = [
    setInterval(() => void quietly(() => deleteEnded(client, Date.now() - keptMs)), cleaningEveryMs),
    setInterval(() => void quietly(strays), strayCheckEveryMs),
  ];
  for (const timer of timers) timer.unref();
  return { stop: () => timers.forEach((timer) => clearInterval(timer)) };
}

/** Deletes workflows that ended before `before`. Answers how many. */
export async function deleteEnded(client: DBOSClient, before: number): Promise<number> {
  for (let deleted = 0; ;) {
    const ended = await client.listWorkflows({
      status: ['SUCCESS', 'ERROR', 'CANCELLED', 'MAX_RECOVERY_ATTEMPTS_EXCEEDED'],
      completedBefore: new Date(before).toISOString(),
      limit: deletedAtOnce,
      loadInput: false,
      loadOutput: false,
    });
    if (ended.length > 0) await client.deleteWorkflows(ended.map(({ workflowID }) => workflowID));
    deleted += ended.length;
    if (ended.length < deletedAtOnce) return deleted;
  }
}

/**
 * A claim may commit although its answer is lost with the connection: the job is then ours in the database and nobody runs
 * it, and its environment would wait until this process ends. Seen twice in a row it is given back.
 */
export function createStrayFinder(
  client: DBOSClient,
  options: { replica: ReplicaId; afterGivingBack: () => void },
): () => Promise<void> {
  let suspected = new Set<string>();
  return async () => {
    const claimed = await client.listWorkflows({
      status: 'PENDING',
      executorId: options.replica,
      loadInput: false,
      loadOutput: false,
    });
    const running = runningHere();
    const idle = claimed.filter(({ workflowID }) => !running.has(workflowID));
    const strays = idle.filter(({ workflowID }) => suspected.has(workflowID));
    suspected = new Set(idle.map(({ workflowID }) => workflowID));
    for (const { workflowID, queueName } of strays) await client.resumeWorkflow(workflowID, { queueName: queueName! });
    if (strays.length > 0) options.afterGivingBack();
  };
}

export async function ownersOfBegun(client: DBOSClient): Promise<readonly ReplicaId[]> {
  const begun = await client.listWorkflows({ status: 'PENDING', loadInput: false, loadOutput: false });
  return [...new Set(begun.flatMap(({ executorId }) => (executorId === undefined ? [] : [executorId as ReplicaId])))];
}

/** The database may be away; the next round tries again. */
async function quietly(work: () => Promise<unknown>): Promise<void> {
  await work().catch(() => undefined);
}

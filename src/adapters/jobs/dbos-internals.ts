/**
 * What we use of DBOS beyond its public interface. The version is pinned exactly and test/contracts/jobs.test.ts holds each
 * of these; on an upgrade look at this file first.
 */
import { DBOSExecutor } from '@dbos-inc/dbos-sdk/internal/dbos-executor';
import { ensureSystemDatabase } from '@dbos-inc/dbos-sdk/internal/system_database';
import { dbRetryConfig } from '@dbos-inc/dbos-sdk/internal/utils';
import { wfQueueRunner } from '@dbos-inc/dbos-sdk/internal/wfqueue';
import { applicationVersion, schemaName } from './queues.ts';

interface Runner {
  readonly states: ReadonlyMap<string, { readonly queue: { readonly name: string } }>;
  readonly isRunning: boolean;
  stop(): void;
  pollQueue(executor: DBOSExecutor, queue: { readonly name: string }): Promise<boolean>;
}

interface RunningWorkflows {
  readonly runningWorkflowMap: ReadonlyMap<string, readonly { readonly promise: Promise<unknown> }[]>;
}

interface Recovery {
  reenqueueWorkflowsForRecovery(executor: string, version: string, queue: string): Promise<string[]>;
}

const runner = wfQueueRunner as unknown as Runner;

/** DBOS waits up to a minute before it asks a database again that was away; a second is soon enough not to be noticed. */
export function retrySoon(): void {
  dbRetryConfig.initialBackoffSec = 0.1;
  dbRetryConfig.maxBackoffSec = 1;
}

export interface Polling {
  /** No poll begins any more; resolves when the last has claimed what it claims. */
  end(): Promise<void>;
}

/**
 * Makes polls of one queue follow each other: a poll counts what runs in this process to know how much it may claim, so
 * two at once would claim too much.
 */
export function pollOneAtATime(): Polling {
  const original = runner.pollQueue;
  const last = new Map<string, Promise<unknown>>();
  runner.pollQueue = (executor, queue) => {
    const before = last.get(queue.name) ?? Promise.resolve();
    const poll = before.then(() => (runner.isRunning ? original.call(runner, executor, queue) : false));
    last.set(
      queue.name,
      poll.catch(() => undefined),
    );
    return poll;
  };
  return {
    async end() {
      runner.stop();
      await Promise.all(last.values());
      runner.pollQueue = original;
    },
  };
}

/** Polls the queue now. Errors are logged by DBOS and the next poll tries again. */
export async function pollNow(queue: string): Promise<void> {
  const state = runner.states.get(queue);
  const executor = DBOSExecutor.globalInstance;
  if (state === undefined || executor === undefined || !runner.isRunning) return;
  await runner.pollQueue(executor, state.queue).catch(() => undefined);
}

/** Resolves when the end of this workflow has been recorded (or could not be); at once when it does not run here. */
export async function untilRecorded(workflowID: string): Promise<void> {
  const system = DBOSExecutor.globalInstance?.systemDatabase as RunningWorkflows | undefined;
  await Promise.allSettled((system?.runningWorkflowMap.get(workflowID) ?? []).map((entry) => entry.promise));
}

export function runningHere(): ReadonlySet<string> {
  const system = DBOSExecutor.globalInstance?.systemDatabase as RunningWorkflows | undefined;
  return new Set(system?.runningWorkflowMap.keys());
}

/** Puts what this executor had begun back on its queue and into its partition. Answers how many. */
export async function giveBack(client: unknown, executor: string): Promise<number> {
  const { systemDatabase } = client as { readonly systemDatabase: Recovery };
  return (await systemDatabase.reenqueueWorkflowsForRecovery(executor, applicationVersion, 'unused')).length;
}

/** Makes or updates the tables of DBOS, without the triggers for LISTEN/NOTIFY, which jobs do not need. One process at a time. */
export async function makeTables(url: string, logger: unknown): Promise<void> {
  await ensureSystemDatabase(url, logger as never, undefined, schemaName, false);
}

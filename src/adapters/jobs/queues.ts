/** How a job is written for DBOS: which queue, which partition, which name. */
import type { Job } from '../../ports/jobs.ts';

/**
 * Jobs are wake-ups without state, so any build may run any job. One version for all builds keeps an upgrade from
 * stranding the jobs of the build before; change it only if a job's shape changes incompatibly.
 */
export const applicationVersion = 'jobs-1';

export const applicationName = 'liftlock';
export const schemaName = 'dbos';
export const workflowName = 'job';

export const queues = {
  /** One job at a time for each environment, on all replicas together. */
  deploy: 'deploy',
  build: 'build',
  /** Questions to the world outside; one that hangs keeps neither deployments nor builds waiting. */
  check: 'check',
  /** Metrics of rollouts: a meter that hangs keeps no gate waiting. */
  measure: 'measure',
} as const;

/** What changes an environment goes in turn; builds and questions do not. */
export function queueOf(kind: Job['kind']): (typeof queues)[keyof typeof queues] {
  switch (kind) {
    case 'build':
    case 'check':
    case 'measure':
      return queues[kind];
    case 'deploy':
    case 'verify':
      return queues.deploy;
  }
}

/** An idle replica asks this often; jobs enqueued by its own process do not wait for it. */
const minPollingIntervalMs = 250;
const checksAtOnce = 8;
const measurementsAtOnce = 16;

export function queueSettings(concurrency: { readonly deploy: number; readonly build: number }) {
  return [
    {
      name: queues.deploy,
      settings: { partitionConcurrency: 1, workerConcurrency: concurrency.deploy, minPollingIntervalMs },
    },
    { name: queues.build, settings: { workerConcurrency: concurrency.build, minPollingIntervalMs } },
    { name: queues.check, settings: { workerConcurrency: checksAtOnce, minPollingIntervalMs } },
    { name: queues.measure, settings: { workerConcurrency: measurementsAtOnce, minPollingIntervalMs } },
  ];
}

/** The same job enqueued twice with the same attempt is one job. */
export function placeOf(
  job: Job,
  attempt: number,
): { queueName: string; queuePartitionKey?: string; workflowID: string } {
  const queueName = queueOf(job.kind);
  switch (job.kind) {
    case 'build':
      return { queueName, workflowID: `build/${job.build}/${attempt}` };
    case 'deploy':
      return { queueName, queuePartitionKey: job.environment, workflowID: `deploy/${job.promotion}/${attempt}` };
    case 'verify':
      return { queueName, queuePartitionKey: job.environment, workflowID: `verify/${job.request}/${attempt}` };
    case 'check':
      return { queueName, workflowID: `check/${job.check}/${attempt}` };
    case 'measure':
      return { queueName, workflowID: `measure/${job.promotion}/${job.metric}/${job.turn}/${attempt}` };
  }
}

/** A worker in a process of its own, for tests that kill it: begins every job, says so, and never ends one. */
import { createJobs } from '../../src/adapters/jobs/dbos.ts';
import type { ReplicaId } from '../../src/domain/base/id.ts';
import { silent } from '../world/make.ts';

const [url, replica] = process.argv.slice(2) as [string, ReplicaId];
const jobs = await createJobs({ url, replica, concurrency: { deploy: 4, build: 1 }, log: silent });
await jobs.start(async (job) => {
  process.stdout.write(`${JSON.stringify(job)}\n`);
  await new Promise(() => setInterval(() => undefined, 60_000));
});

/** Ends the embedded PostgreSQL the hard way, and sees when it is back. */
import { setTimeout as wait } from 'node:timers/promises';
import { join } from 'node:path';
import { openCluster } from '../../../src/adapters/postgres/embedded/cluster.ts';
import { findPostmaster, type Postmaster } from '../../../src/adapters/postgres/embedded/postmaster.ts';
import { findRuntime } from '../../../src/adapters/postgres/embedded/runtime.ts';
import { query } from '../../world/make.ts';

export async function postmasterOf(home: string): Promise<Postmaster | undefined> {
  const cluster = await openCluster(join(home, 'postgres'), findRuntime(`${process.platform}-${process.arch}`));
  return findPostmaster(cluster);
}

/** SIGKILL to the first process, by the id in its lock file; false when none ran. */
export async function killPostmaster(home: string): Promise<boolean> {
  const found = await postmasterOf(home);
  if (found === undefined) return false;
  process.kill(found.pid, 'SIGKILL');
  return true;
}

/** Milliseconds until a new connection is answered. */
export async function untilAnswering(url: string): Promise<number> {
  const begin = performance.now();
  while (
    !(await query(url, 'select 1').then(
      () => true,
      () => false,
    ))
  )
    await wait(20);
  return performance.now() - begin;
}

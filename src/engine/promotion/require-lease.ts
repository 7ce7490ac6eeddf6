import { Failure } from '../../domain/base/failure.ts';
import type { Transaction } from '../../ports/store.ts';
import type { Run } from './run.ts';

/** R7: whoever wakes up late finds another lease. Locks the environment. @throws Failure `lease/lost`. */
export async function requireLease(tx: Transaction, run: Run): Promise<void> {
  const environment = await tx.environments.lock(run.environment.id);
  if (environment?.lease?.id !== run.lease)
    throw new Failure('lease/lost', `another worker has taken over promotion ${run.promotion.id}`);
}

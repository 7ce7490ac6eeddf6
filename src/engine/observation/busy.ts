/** Whether somebody is at work in an environment: whoever looks after what serves leaves it alone then. */
import type { Instant } from '../../domain/base/time.ts';
import type { Environment, Transaction } from '../../ports/store.ts';

/** A running promotion has the environment, whatever has become of its lease: what is down there is its own doing. */
export async function isBusy(tx: Transaction, environment: Environment, now: Instant): Promise<boolean> {
  if (environment.lease !== undefined && environment.lease.expiresAt > now) return true;
  return (await tx.promotions.list({ environment: environment.id, state: 'running', limit: 1 })).length > 0;
}

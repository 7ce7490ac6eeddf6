/** Puts questions to the world outside into rows and jobs, in the transaction that found out that a gate wants the answer. */
import type { Json } from '../../domain/base/digest.ts';
import type { Lookup } from '../../domain/promotion/proof.ts';
import type { Promotion } from '../../domain/promotion/promotion.ts';
import type { StoredCheck } from '../../ports/gate-records.ts';
import type { Environment, PipelineRevision, Project, StoredRelease } from '../../ports/records.ts';
import type { Transaction } from '../../ports/store.ts';
import { newId, type World } from '../world.ts';

/** What is asked of whom. */
export interface Asked {
  readonly check: StoredCheck;
  readonly project: Project;
  readonly environment: Environment;
  readonly release: StoredRelease;
  readonly revision: PipelineRevision;
}

export type Reply =
  | {
      readonly replied: true;
      readonly answer: 'open' | 'waiting' | 'closed';
      readonly because: string;
      readonly data?: Json;
    }
  /** Left to another worker. */
  | { readonly replied: false };

/** Asks what was never asked, and what nobody waited for any more; leaves alone what is asked or answered. */
export async function askIn(
  world: World,
  tx: Transaction,
  { environment, promotion, lookups }: { environment: Environment; promotion: Promotion; lookups: readonly Lookup[] },
): Promise<void> {
  for (const lookup of lookups) {
    const check: StoredCheck = {
      ...lookup,
      id: newId(world, 'chk'),
      environment: environment.id,
      release: promotion.release,
      promotion: promotion.id,
      state: 'asking',
      attempt: 1,
      answer: undefined,
      because: '',
      data: undefined,
      askedAt: world.clock.now(),
      answeredAt: undefined,
      dueAt: undefined,
    };
    if (await tx.checks.insert(check)) await tx.enqueue({ kind: 'check', check: check.id });
    else await askAgainIn(world, tx, check);
  }
}

/** It was asked for a promotion that left; nobody has asked since. */
async function askAgainIn(world: World, tx: Transaction, wanted: StoredCheck): Promise<void> {
  const known = (await tx.checks.of(wanted.environment, wanted.release)).find(
    ({ kind, name, subject }) => kind === wanted.kind && name === wanted.name && subject === wanted.subject,
  );
  if (known === undefined || known.dueAt !== undefined || !mayChange(known)) return;
  await enqueueAgain(world, tx, { ...known, promotion: wanted.promotion });
}

/** An answer that may be another one later. */
export function mayChange({ state, answer }: StoredCheck): boolean {
  return state === 'failed' || (state === 'answered' && answer === 'waiting');
}

export async function enqueueAgain(world: World, tx: Transaction, check: StoredCheck): Promise<void> {
  const attempt = check.attempt + 1;
  const now = world.clock.now();
  await tx.checks.update({ ...check, state: 'asking', attempt, askedAt: now, dueAt: undefined });
  await tx.checks.touch(check.id, now);
  await tx.enqueue({ kind: 'check', check: check.id }, { attempt });
}

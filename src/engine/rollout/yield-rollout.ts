/** R33: a newer release does not wait for a rollout to end; it begins at the first step, against the same stable release. */
import type { Answers } from '../../domain/gate/all.ts';
import { turnGate } from '../../domain/gate/people-and-time.ts';
import { factsOf, type EnvironmentFacts } from '../../domain/promotion/facts.ts';
import type { Promotion } from '../../domain/promotion/promotion.ts';
import type { Environment, Transaction } from '../../ports/store.ts';
import { actors } from '../announce.ts';
import { apply } from '../promotion/apply.ts';
import { stopRollout } from './look-at-rollouts.ts';

/** Stops the rollout that is under way when nothing but it keeps a newer release waiting. Its requests go back to the stable release. */
export async function yieldToNewer(
  tx: Transaction,
  { environment, facts }: { environment: Environment; facts: EnvironmentFacts },
  waiting: readonly { readonly promotion: Promotion; readonly judgement: Answers }[],
): Promise<void> {
  const running = facts.open.find(({ progress }) => progress.state === 'running');
  if (
    running === undefined ||
    running.kind !== 'promotion' ||
    running.stop !== undefined ||
    facts.spec.queue !== 'latest'
  )
    return;
  const numberOf = ({ release }: Promotion) => factsOf(facts, release).number;
  const newer = waiting.find(
    ({ promotion, judgement }) =>
      promotion.kind === 'promotion' &&
      numberOf(promotion) > numberOf(running) &&
      judgement.all.every(({ gate, answer }) => answer === 'open' || (gate === turnGate.name && answer === 'waiting')),
  )?.promotion;
  const state = newer && (await tx.rollouts.get(running.id))?.rollout.state.is;
  // Once everything goes to it, it is verified to its end.
  if (newer === undefined || (state !== 'going' && state !== 'paused')) return;
  const at = facts.now;
  await apply(
    tx,
    { project: environment.project, promotion: running },
    {
      do: 'stop',
      request: {
        by: actors.engine,
        cause: 'newer',
        newer: newer.id,
        reason: `release #${numberOf(newer)} is newer; its rollout begins at the first step`,
        at,
      },
    },
  );
  const row = await tx.promotions.get(running.id);
  if (row !== undefined && environment.lease?.holder === undefined) await stopRollout(tx, row, at);
}

/** Applies one command to one promotion: decide, evolve, record. The environment's row must be locked. */
import { Failure } from '../../domain/base/failure.ts';
import type { ProjectId } from '../../domain/base/id.ts';
import { decide, evolve, type Promotion, type PromotionCommand } from '../../domain/promotion/promotion.ts';
import type { Transaction } from '../../ports/store.ts';
import { actors, promotionEvents } from '../announce.ts';

export interface Applied {
  readonly promotion: Promotion;
  readonly changed: boolean;
}

/** @throws Failure `lease/lost`, `promotion/ended` or `promotion/refused` when the domain refuses the command. */
export async function apply(
  tx: Transaction,
  subject: { project: ProjectId; promotion: Promotion; actor?: string },
  command: PromotionCommand,
): Promise<Applied> {
  const decision = decide(subject.promotion, command);
  if (!decision.accepted) {
    const code =
      decision.because === 'lease-lost'
        ? 'lease/lost'
        : decision.because === 'ended'
          ? 'promotion/ended'
          : 'promotion/refused';
    throw new Failure(code, decision.message);
  }
  if (decision.events.length === 0) return { promotion: subject.promotion, changed: false };
  const promotion = decision.events.reduce(evolve, subject.promotion);
  await tx.promotions.update(promotion);
  await tx.events.append(...promotionEvents({ actor: actors.engine, ...subject, promotion }, decision.events));
  return { promotion, changed: true };
}

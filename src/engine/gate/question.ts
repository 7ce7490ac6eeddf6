/** What the gates are asked about a promotion, or about the wish for one, and what they answer. */
import type { PromotionId } from '../../domain/base/id.ts';
import { askGates, type Answers } from '../../domain/gate/all.ts';
import type { Question } from '../../domain/gate/gate.ts';
import { factsOf, type EnvironmentFacts } from '../../domain/promotion/facts.ts';
import { planHash, type Plan } from '../../domain/promotion/plan.ts';
import type { Promotion } from '../../domain/promotion/promotion.ts';
import type { World } from '../world.ts';

type Wish = Pick<Promotion, 'release' | 'kind' | 'origin'> & { readonly id?: PromotionId };

export function questionOf(world: Pick<World, 'sha256'>, facts: EnvironmentFacts, wish: Wish): Question {
  return {
    facts,
    ...(wish.id === undefined ? {} : { promotion: wish.id }),
    release: factsOf(facts, wish.release),
    kind: wish.kind,
    origin: wish.origin,
    planHash: planHash(planOf(facts, wish), world.sha256),
  };
}

/** What the gates say here and now. */
export function judge(world: Pick<World, 'sha256'>, facts: EnvironmentFacts, wish: Wish): Answers {
  return askGates(questionOf(world, facts, wish));
}

/** R21: what an approval of this promotion would be an approval of. */
export function planOf(facts: EnvironmentFacts, promotion: Pick<Promotion, 'release' | 'kind'>): Plan {
  return {
    environment: facts.id,
    kind: promotion.kind,
    release: promotion.release,
    artifact: factsOf(facts, promotion.release).artifact,
    replaces: facts.running && { release: facts.running.release, promotion: facts.running.promotion },
    revision: facts.revision,
    gates: facts.spec.gates,
    policy: facts.trust,
  };
}

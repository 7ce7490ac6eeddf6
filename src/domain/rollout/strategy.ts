import type { RolloutSpec, Strategy } from '../pipeline/rollout-spec.ts';
import type { RolloutPlan } from './rollout.ts';

export type SpecOf<Name extends Strategy> = Extract<RolloutSpec, { strategy: Name }>;

/** A strategy is a list of steps, with how they are judged; all requests come after the last. */
export type Planner<Name extends Strategy> = (spec: SpecOf<Name>, instances: number) => RolloutPlan;

/** Nothing is divided, so nothing is compared and no user has a side. */
export function undivided(strategy: Strategy, steps: RolloutPlan['steps'] = []): RolloutPlan {
  return { strategy, steps, analysis: 'none', users: 'none' };
}

/** Every strategy. */
import type { Duration } from '../base/time.ts';
import type { RolloutSpec, Strategy } from '../pipeline/rollout-spec.ts';
import { allAtOnce } from './all-at-once.ts';
import { blueGreen } from './blue-green.ts';
import { canary } from './canary.ts';
import { recreate } from './recreate.ts';
import { rolling } from './rolling.ts';
import type { RolloutPlan } from './rollout.ts';
import type { Planner } from './strategy.ts';

const planners: { readonly [Name in Strategy]: Planner<Name> } = {
  rolling,
  'all-at-once': allAtOnce,
  recreate,
  'blue-green': blueGreen,
  canary,
};

export function planOf(spec: RolloutSpec, instances: number): RolloutPlan {
  return (planners[spec.strategy] as Planner<Strategy>)(spec, instances);
}

/** R32: how long what was replaced goes on after everything went well. */
export function keepOf(spec: RolloutSpec): Duration {
  return 'keep' in spec ? spec.keep : (0 as Duration);
}

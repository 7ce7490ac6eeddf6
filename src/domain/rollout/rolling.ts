import type { RollingSpec } from '../pipeline/rollout-spec.ts';
import { limitsOf } from './replacing.ts';
import type { ReplaceStep, RolloutPlan } from './rollout.ts';

/** A step for each batch of instances: as many as may be replaced at once. */
export function rolling(spec: RollingSpec, instances: number): RolloutPlan {
  const { strategy, analysis, for: lasts } = spec;
  const replacing = limitsOf(spec, instances);
  const batch = Math.max(1, replacing.surge + replacing.unavailable);
  const steps = Array.from({ length: Math.ceil(instances / batch) }, (_, index): ReplaceStep => ({
    step: 'replace',
    instances: Math.min(instances, (index + 1) * batch),
    of: instances,
    for: lasts,
  }));
  return { strategy, steps, analysis, users: 'none', replacing };
}

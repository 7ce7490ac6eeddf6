import type { TargetSpec, VariableSpec } from '../domain/pipeline/environment.ts';
import type { ServiceSpec } from '../domain/pipeline/pipeline.ts';
import type { ResourceSpec } from '../domain/pipeline/resource-spec.ts';
import type { TrafficLimits } from '../domain/pipeline/traffic-limits.ts';
import type { TrafficKind } from '../domain/pipeline/traffic-spec.ts';

/** R36: how a release was started, kept so that going back starts it the same way. Secrets stay names. */
export interface DeploymentSnapshot {
  readonly service: ServiceSpec;
  readonly target: TargetSpec;
  /** By whom requests are led to it; the edge when absent. */
  readonly traffic?: TrafficKind | undefined;
  /** What its requests are held to; what is usual when absent. */
  readonly limits?: TrafficLimits | undefined;
  /** What each instance may take of the machine; whatever it has when absent. */
  readonly resources?: ResourceSpec | undefined;
  readonly variables: Readonly<Record<string, VariableSpec>>;
  readonly url: string | undefined;
}

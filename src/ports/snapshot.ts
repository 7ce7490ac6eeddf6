import type { TargetSpec, VariableSpec } from '../domain/pipeline/environment.ts';
import type { ServiceSpec } from '../domain/pipeline/pipeline.ts';

/** R36: how a release was started, kept so that going back starts it the same way. Secrets stay names. */
export interface DeploymentSnapshot {
  readonly service: ServiceSpec;
  readonly target: TargetSpec;
  readonly variables: Readonly<Record<string, VariableSpec>>;
  readonly url: string | undefined;
}

/** What one measurement of a metric is about. */
import type { MetricSpec } from '../domain/pipeline/metric-spec.ts';
import type { DeploymentRow, Environment, Project, StoredRelease } from '../ports/records.ts';
import type { TurnKey } from '../ports/rollouts.ts';

export interface Measuring {
  readonly key: TurnKey;
  readonly spec: MetricSpec;
  readonly project: Project;
  readonly environment: Environment;
  readonly fresh: SideOf;
  readonly stable: SideOf;
}

export interface SideOf {
  readonly row: DeploymentRow;
  readonly release: StoredRelease;
}

/** What one measurement of a metric is about. */
import type { MetricSpec } from '../../domain/pipeline/metric-spec.ts';
import type { Environment, Project } from '../../ports/records.ts';
import type { TurnKey } from '../../ports/rollouts.ts';
import type { Side } from './pair.ts';

export interface Measuring {
  readonly key: TurnKey;
  readonly spec: MetricSpec;
  readonly project: Project;
  readonly environment: Environment;
  readonly fresh: Side;
  readonly stable: Side;
}

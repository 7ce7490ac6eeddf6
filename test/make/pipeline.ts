/** Pipelines for tests of the domain. */
import type { Duration } from '../../src/domain/base/time.ts';
import type { EnvironmentSpec } from '../../src/domain/pipeline/environment.ts';
import type { Pipeline } from '../../src/domain/pipeline/pipeline.ts';

export function pipelineWith(
  environments: readonly EnvironmentSpec[],
  changes: Partial<Omit<Pipeline, 'environments'>> = {},
): Pipeline {
  const minute = 60_000 as Duration;
  return {
    project: 'shop',
    mainBranch: 'main',
    poll: minute,
    build: {
      commands: [],
      timeout: minute,
      outputLimitBytes: 1_000_000,
      allowVariables: [],
      variables: {},
      output: '.',
      exclude: [],
    },
    service: { migrateTimeout: minute, health: { kind: 'process', settle: minute }, stopGrace: minute },
    trust: { signatures: 'none', separation: 'none', breakGlass: 'none' },
    environments,
    ...changes,
  };
}

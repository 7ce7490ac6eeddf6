import type { Probe } from '../../../ports/probe.ts';
import type { Target } from '../../../ports/target.ts';
import type { Traffic } from '../../../ports/traffic.ts';
import { createRunningTarget } from '../beside/running-target.ts';
import { createDockerRunner, type DockerRunnerParts } from './docker-runner.ts';
import { collectGarbage } from './garbage.ts';

export interface DockerTargetParts extends DockerRunnerParts {
  readonly probe: Probe;
  readonly traffic: Traffic;
}

/** Services in containers of this machine. */
export function createDockerTarget(parts: DockerTargetParts): Target {
  return {
    ...createRunningTarget({ ...parts, runner: createDockerRunner(parts) }),
    collectGarbage: (keep) => collectGarbage(parts, keep),
  };
}

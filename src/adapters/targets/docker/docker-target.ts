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
  const runner = createDockerRunner(parts);
  return {
    ...createRunningTarget({ ...parts, runner }),
    async output(environment, deployments, bytes) {
      const runs = (await runner.list(environment)).filter(({ deployment }) => deployments.includes(deployment));
      return Promise.all(
        runs.map(async ({ key, instance, state }) => ({
          run: key,
          instance,
          state,
          text: await runner.tail(key, bytes),
        })),
      );
    },
    collectGarbage: (keep) => collectGarbage(parts, keep),
  };
}

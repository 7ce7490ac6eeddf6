import type { Target } from '../../../ports/target.ts';
import type { Traffic } from '../../../ports/traffic.ts';
import { createRunningTarget } from '../beside/running-target.ts';
import { createProcessRunner, type ProcessRunnerParts } from './process-runner.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { Probe } from '../../../ports/probe.ts';

export interface ProcessTargetParts extends ProcessRunnerParts {
  readonly probe: Probe;
  readonly clock: Clock;
  readonly traffic: Traffic;
}

/** Services as processes of this machine. */
export function createProcessTarget(parts: ProcessTargetParts): Target {
  return createRunningTarget({ ...parts, runner: createProcessRunner(parts) });
}

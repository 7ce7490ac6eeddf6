import type { ResourceSpec } from '../../domain/pipeline/resource-spec.ts';
import { kernelLimitsOf, makeControlGroup, removeControlGroup } from './control-group.ts';
import type { Ending } from './launch.ts';

/** Holds the command of a run, started however often, to what it may take of the machine. */
export interface Confinement {
  /** Before the command begins. */
  join(pid: number): void;
  /** Whether the command, which ended like this, was ended by the kernel because it wanted more memory than it may have. */
  wasForMemory(ending: Ending): boolean;
  end(): void;
}

/** What cannot be held is told in a line of the run's output. */
export function confine(run: string, spec: ResourceSpec, note: (line: string) => void): Confinement {
  const wanted = kernelLimitsOf(spec);
  if (wanted.length === 0) return { join: () => undefined, wasForMemory: () => false, end: () => undefined };
  const group = makeControlGroup(run, spec);
  const unlimited = wanted.filter((limit) => !group.limits.includes(limit));
  if (unlimited.length > 0) note(`not limited on this machine: ${unlimited.join(', ')} (${group.refusals.join('; ')})`);
  let kills = 0;
  return {
    join(pid) {
      try {
        group.add(pid);
      } catch (error) {
        note(`not limited this time: ${group.limits.join(', ')} (${(error as Error).message})`);
      }
    },
    wasForMemory({ exitCode, signal }) {
      const before = kills;
      kills = group.memoryKills();
      const wasKilled = kills > before && (signal === 'SIGKILL' || exitCode === shellsWordForKilled);
      if (wasKilled) note(`it was ended because it needed more memory than the ${spec.memory} bytes that it may have`);
      return wasKilled;
    },
    end: () => removeControlGroup(run),
  };
}

/** 128 and the number of SIGKILL: the end of a child that a shell waited for. */
const shellsWordForKilled = 137;

/** An HAProxy of a test's own, when the machine has one. */
import { join } from 'node:path';
import { createHaproxyTraffic } from '../../src/adapters/traffic/haproxy/haproxy-traffic.ts';
import { askMaster } from '../../src/adapters/traffic/haproxy/master.ts';
import type { Leader } from '../../src/adapters/traffic/choice.ts';
import type { Clock } from '../../src/ports/clock.ts';
import type { Processes } from '../../src/ports/processes.ts';
import { missingProgram, searchPath } from './traffic-programs.ts';

/** A line for a skipped test; `undefined` when it is there. */
export const haproxyMissing = missingProgram('haproxy');

export function haproxyIn(parts: { processes: Processes; clock: Clock; directory: string }): Leader {
  return createHaproxyTraffic({ ...parts, keyDirectory: parts.directory, searchPath });
}

/** Process ids of the workers: those that serve, and those that were replaced. */
export async function workersOf(directory: string): Promise<{ serving: number[]; leaving: number[] }> {
  const { workers } = await askMaster(join(directory, 'master.sock'));
  return {
    serving: workers.filter(({ leaving }) => !leaving).map(({ pid }) => pid),
    leaving: workers.filter(({ leaving }) => leaving).map(({ pid }) => pid),
  };
}

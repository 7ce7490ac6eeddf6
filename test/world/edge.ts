/** The edge of a test's own, in its scratch directory. */
import { join } from 'node:path';
import { createClock } from '../../src/adapters/clock/system.ts';
import { createEdgeTraffic } from '../../src/adapters/traffic/edge/edge-traffic.ts';
import type { Processes } from '../../src/ports/processes.ts';
import type { Traffic } from '../../src/ports/traffic.ts';

export function edgeIn(directory: string, processes: Processes, version = 'test'): Traffic {
  return createEdgeTraffic({
    processes,
    clock: createClock(),
    directory: join(directory, 'edge'),
    nodePath: process.execPath,
    version,
  });
}

/** Nothing is left of it when this resolves. */
export async function endEdge(processes: Processes): Promise<void> {
  for (const { key, state } of await processes.list('edge/'))
    if (state.state === 'running') await processes.stop(key, 2_000);
}

/** Those that can lead requests, each in a scratch directory. */
import { join } from 'node:path';
import { createClock } from '../src/adapters/clock/system.ts';
import { createCaddyTraffic } from '../src/adapters/traffic/caddy/caddy-traffic.ts';
import { createEdgeTraffic } from '../src/adapters/traffic/edge/edge-traffic.ts';
import { createNginxTraffic } from '../src/adapters/traffic/nginx/nginx-traffic.ts';
import type { Processes } from '../src/ports/processes.ts';
import type { Traffic } from '../src/ports/traffic.ts';

const openers = {
  edge: createEdgeTraffic,
  caddy: createCaddyTraffic,
  nginx: createNginxTraffic,
} as const;

export type Leader = keyof typeof openers;

export function openLeader(by: Leader, directory: string, processes: Processes): Traffic {
  return openers[by]({
    processes,
    clock: createClock(),
    directory: join(directory, by),
    searchPath: process.env['PATH'] ?? '',
    nodePath: process.execPath,
    version: 'bench',
  });
}

/** Nothing is left of them when this resolves. */
export async function endLeaders(processes: Processes): Promise<void> {
  for (const { key, state } of await processes.list(''))
    if (state.state === 'running') await processes.stop(key, 2_000);
}

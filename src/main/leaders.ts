/** Whoever may lead the requests of an environment on this machine. */
import { delimiter } from 'node:path';
import { createCaddyTraffic } from '../adapters/traffic/caddy/caddy-traffic.ts';
import { createTraffic } from '../adapters/traffic/choice.ts';
import { createEdgeTraffic } from '../adapters/traffic/edge/edge-traffic.ts';
import { createHaproxyTraffic } from '../adapters/traffic/haproxy/haproxy-traffic.ts';
import { createNginxTraffic } from '../adapters/traffic/nginx/nginx-traffic.ts';
import { hostVariable } from '../config.ts';
import type { World } from '../engine/world.ts';
import type { Home } from '../host/home.ts';
import type { Traffic } from '../ports/traffic.ts';

export function createLeaders(
  { clock, processes }: Pick<World, 'clock' | 'processes'>,
  { home, version }: { readonly home: Home; readonly version: string },
): Traffic {
  // Distributions put servers where only root's PATH leads.
  const searchPath = [hostVariable('PATH') ?? '', '/usr/sbin', '/usr/local/sbin'].join(delimiter);
  const parts = { clock, processes, searchPath, nodePath: process.execPath, version };
  return createTraffic({
    clock,
    leaders: {
      edge: createEdgeTraffic({ ...parts, directory: home.edge }),
      haproxy: createHaproxyTraffic({ ...parts, directory: home.haproxy, keyDirectory: home.edge }),
      caddy: createCaddyTraffic({ ...parts, directory: home.caddy }),
      nginx: createNginxTraffic({ ...parts, directory: home.nginx }),
    },
  });
}

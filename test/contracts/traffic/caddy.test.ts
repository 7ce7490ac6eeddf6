/** Caddy holds the contract of `Traffic` for what it can. */
import { createCaddyTraffic } from '../../../src/adapters/traffic/caddy/caddy-traffic.ts';
import { missingProgram, searchPath } from '../../world/traffic-programs.ts';
import { holdsTheContract } from './contract.ts';

holdsTheContract({
  by: 'caddy',
  missing: missingProgram('caddy'),
  open: (parts) =>
    createCaddyTraffic({
      ...parts,
      searchPath,
      nodePath: process.execPath,
      version: '1.0.0',
    }),
  async kill({ processes }) {
    for (const { key, state } of await processes.list('caddy/'))
      if (state.state === 'running' && !key.startsWith('caddy/counter/')) process.kill(state.pid, 'SIGKILL');
  },
});

/** nginx holds the contract of `Traffic` for what it can. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createNginxTraffic } from '../../../src/adapters/traffic/nginx/nginx-traffic.ts';
import { missingProgram, searchPath } from '../../world/traffic-programs.ts';
import { holdsTheContract } from './contract.ts';

holdsTheContract({
  by: 'nginx',
  missing: missingProgram('nginx'),
  open: (parts) =>
    createNginxTraffic({
      ...parts,
      searchPath,
      nodePath: process.execPath,
      version: '1.0.0',
    }),
  async kill({ directory }) {
    for (const environment of await readdir(directory)) {
      const pid = Number(await readFile(join(directory, environment, 'nginx.pid'), 'utf8').catch(() => ''));
      if (pid > 1) process.kill(pid, 'SIGKILL');
    }
  },
});

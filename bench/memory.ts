/** What an idle control plane holds: `liftlock up` with one project of four environments, after it has settled. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { makeRepository, up } from './control-plane.ts';
import type { Measured } from './figures.ts';
import { cpuOf, cpuWithEnded, familyOf } from './processes.ts';
import { inScratch } from './scratch.ts';

const settleMs = 20_000;

/** Needs /proc, that is Linux. */
export function memory(): Promise<Measured> {
  return inScratch(async (directory) => {
    const running = await up(await makeRepository(directory), directory);
    try {
      await wait(settleMs);
      const node = await memoryOf([running.pid]);
      const servers = await postgresProcesses(directory);
      const postgres = await memoryOf(servers);
      return {
        setup: { environments: 4, settled: `${settleMs / 1_000} s`, 'PostgreSQL processes': servers.length },
        figures: [
          { what: 'control plane (Node), RSS', value: node.rss, unit: 'MB', aim: { is: 'at most', value: 120 } },
          { what: 'control plane (Node), PSS', value: node.pss, unit: 'MB' },
          {
            what: 'PostgreSQL, all processes, PSS',
            value: postgres.pss,
            unit: 'MB',
            aim: { is: 'at most', value: 60 },
          },
          { what: 'PostgreSQL, all processes, RSS (counts shared memory in each)', value: postgres.rss, unit: 'MB' },
        ],
      };
    } finally {
      await running.stop();
    }
  });
}

/** The server of a home and everything that it started. */
export async function postgresProcesses(home: string): Promise<readonly number[]> {
  const postgres = join(home, 'postgres');
  const [lockFile] = (await readdir(postgres, { recursive: true })).filter((name) => name.endsWith('postmaster.pid'));
  return familyOf(Number((await readFile(join(postgres, lockFile!), 'utf8')).split('\n')[0]));
}

/** Milliseconds of CPU that the server of a home has used so far, children that have ended included. */
export async function cpuOfServer(home: string): Promise<number> {
  const [server, ...children] = await postgresProcesses(home);
  return (await cpuWithEnded(server!)) + (await cpuOf(children));
}

/** Megabytes (10^6). PSS shares what several processes map among them, so that it can be added up. */
async function memoryOf(pids: readonly number[]): Promise<{ rss: number; pss: number }> {
  const rollups = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '')));
  const sum = (field: string) =>
    rollups.reduce((total, text) => total + Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? 0), 0);
  return { rss: (sum('Rss') * 1_024) / 1e6, pss: (sum('Pss') * 1_024) / 1e6 };
}

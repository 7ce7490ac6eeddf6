/** `counter.ts <directory>`: counts for nginx, which does not. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { count } from '../program/counter.ts';
import { parseLine } from './log-line.ts';

const [directory] = process.argv.slice(2);
if (directory === undefined) throw new TypeError('counter.ts <directory>');
process.title = 'liftlock counter of nginx';
await count({
  directory,
  parse: parseLine,
  reopen: async (home) => {
    const pid = Number(await readFile(join(home, 'nginx.pid'), 'utf8').catch(() => '0'));
    if (pid > 1) process.kill(pid, 'SIGUSR1');
  },
});

/** `counter.ts <directory>`: counts for nginx, which does not. */
import { count } from '../program/counter.ts';
import { parseLine } from './log-line.ts';
import { masterOf } from './master.ts';

const [directory] = process.argv.slice(2);
if (directory === undefined) throw new TypeError('counter.ts <directory>');
process.title = 'liftlock counter of nginx';
await count({
  directory,
  parse: parseLine,
  reopen: async (home) => {
    const master = await masterOf(home);
    if (master !== undefined) process.kill(master, 'SIGUSR1');
  },
});

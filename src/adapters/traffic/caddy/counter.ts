/** `counter.ts <directory>`: counts for Caddy, from its access logs, which it renames by itself. */
import { count } from '../program/counter.ts';
import { parseLine } from './log-line.ts';

const [directory] = process.argv.slice(2);
if (directory === undefined) throw new TypeError('counter.ts <directory>');
process.title = 'liftlock counter of caddy';
await count({ directory, parse: parseLine });

/** A worker in a process of its own, until its standard input ends. */
import { startWorld } from './world.ts';

const [directory, url] = process.argv.slice(2);
const running = await startWorld({ directory: directory!, url: url! });
process.stdout.write('working\n');
process.stdin.resume().once('end', () => void running.stop());

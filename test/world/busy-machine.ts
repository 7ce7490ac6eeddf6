/** What is promised of time, told on a machine that does other things, too. */
import { availableParallelism, loadavg } from 'node:os';

/** What this process took of the processor, in ms: what must be quick is, however many others want the machine. */
export function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

/** How many wait for each processor: who shares it waits that much longer. */
export function crowding(): number {
  return Math.max(1, loadavg()[0]! / availableParallelism());
}

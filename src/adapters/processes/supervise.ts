import { setTimeout as delay } from 'node:timers/promises';
import type { Readable } from 'node:stream';
import { groupLives, signalGroup } from './group.ts';
import type { Identity } from './identity.ts';
import type { Halt } from './halt.ts';
import type { Ending, Launched } from './launch.ts';
import { usualGraceMs } from './order.ts';
import type { EndCause } from './record.ts';

export interface Supervised extends Ending {
  /** Why we ended it; absent when it ended by itself. */
  readonly haltedBy?: EndCause;
}

/**
 * Lets a launched command run until it ends or `halt` is requested. When this resolves nothing is left
 * of its group (members that outlive their leader are ended too) and its output was passed on.
 */
export async function supervise(command: Launched, halt: Halt, take: (output: Buffer) => void): Promise<Supervised> {
  const output = passOn(command.output, take);
  if (halt.cause() === undefined) command.go();
  const byItself = await Promise.race([command.ended.then(() => true), halt.requested.then(() => false)]);
  const haltedBy = byItself ? undefined : halt.cause();
  await endGroup(command.identity, halt, byItself ? performance.now() + usualGraceMs : Infinity);
  const ending = await command.ended;
  await output.finish();
  return { ...ending, ...(haltedBy !== undefined && { haltedBy }) };
}

async function endGroup(leader: Identity, halt: Halt, ownDeadline: number): Promise<void> {
  signalGroup(leader, 'SIGTERM');
  for (let pause = 2; groupLives(leader); pause = Math.min(100, pause * 2)) {
    const remaining = Math.min(ownDeadline, halt.deadline()) - performance.now();
    if (remaining <= 0) signalGroup(leader, 'SIGKILL');
    await delay(remaining > 0 ? Math.min(pause, remaining) : pause);
  }
}

const quietMs = 250;
const longestFlushMs = 5_000;

/**
 * `finish` reads what is left. Normally that ends with the end of the output; a process that left the
 * group may hold it open, so it also ends when nothing more comes.
 */
function passOn(output: Readable, take: (output: Buffer) => void): { finish(): Promise<void> } {
  let last = 0;
  const closed = new Promise<void>((resolve) => output.once('close', resolve));
  output.on('data', (piece: Buffer) => {
    last = performance.now();
    take(piece);
  });
  async function quiet(): Promise<void> {
    const begin = performance.now();
    const isQuiet = () =>
      performance.now() - Math.max(last, begin) > quietMs || performance.now() - begin > longestFlushMs;
    while (!isQuiet() && !output.destroyed) await delay(quietMs / 5);
  }
  return {
    async finish() {
      await Promise.race([closed, quiet()]);
      output.destroy();
    },
  };
}

/** Work that goes on after its request was answered. */
import { asFailure } from '../domain/base/failure.ts';
import type { Log } from '../ports/log.ts';

export interface Background {
  /** Starts it. While work of the same name is under way it runs once more after that, however often it is asked for. */
  run(name: string, work: () => Promise<void>): void;
  /** Resolves when nothing is under way. */
  settled(): Promise<void>;
}

export function createBackground(log: Log): Background {
  const underWay = new Map<string, { again: boolean; readonly done: Promise<void> }>();

  async function carryOut(name: string, work: () => Promise<void>): Promise<void> {
    do {
      const entry = underWay.get(name);
      if (entry !== undefined) entry.again = false;
      await work().catch((thrown: unknown) =>
        log.warn('work in the background failed', { work: name, reason: asFailure(thrown).message }),
      );
    } while (underWay.get(name)?.again === true);
    underWay.delete(name);
  }

  return {
    run(name, work) {
      const present = underWay.get(name);
      if (present !== undefined) {
        present.again = true;
        return;
      }
      // Begins in a later turn, when its entry is there.
      underWay.set(name, { again: false, done: Promise.resolve().then(() => carryOut(name, work)) });
    },
    async settled() {
      await Promise.all([...underWay.values()].map(({ done }) => done));
    },
  };
}

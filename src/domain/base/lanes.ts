/** Runs a few tasks at once; whoever brings one more waits until a lane is free. */

export interface Lanes {
  /** Resolves when the task has begun. @throws what an earlier task threw. */
  run(task: () => Promise<void>): Promise<void>;
  /** Resolves when every task has ended. @throws what the first failing task threw. */
  close(): Promise<void>;
}

export function openLanes(width: number): Lanes {
  const running = new Set<Promise<void>>();
  const failures: unknown[] = [];
  const throwFailure = () => {
    if (failures.length > 0) throw failures[0];
  };
  return {
    run: async (task) => {
      throwFailure();
      while (running.size >= width) await Promise.race(running);
      const begun: Promise<void> = task()
        .catch((error: unknown) => void failures.push(error))
        .finally(() => running.delete(begun));
      running.add(begun);
    },
    close: async () => {
      await Promise.all(running);
      throwFailure();
    },
  };
}

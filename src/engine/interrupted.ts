import type { Interruption } from './leases.ts';

/** Thrown inside a run to leave it: somebody else goes on, or it is being stopped. */
export class Interrupted extends Error {
  readonly by: Interruption;
  constructor(by: Interruption) {
    super(by);
    this.by = by;
  }
}

export function throwIfInterrupted(signal: AbortSignal): void {
  if (signal.aborted) throw new Interrupted(signal.reason as Interruption);
}

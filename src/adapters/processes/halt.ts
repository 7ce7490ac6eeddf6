import type { EndCause } from './record.ts';

/** The keeper's one decision to end its command. The first cause stands; a later request can only shorten the grace. */
export interface Halt {
  request(cause: EndCause, graceMs: number): void;
  cause(): EndCause | undefined;
  /** When SIGKILL is due, on the clock of `performance.now()`. */
  deadline(): number;
  readonly requested: Promise<void>;
}

export function openHalt(): Halt {
  const { promise, resolve } = Promise.withResolvers<void>();
  let first: EndCause | undefined;
  let deadline = Infinity;
  return {
    request(cause, graceMs) {
      first ??= cause;
      deadline = Math.min(deadline, performance.now() + graceMs);
      resolve();
    },
    cause: () => first,
    deadline: () => deadline,
    requested: promise,
  };
}

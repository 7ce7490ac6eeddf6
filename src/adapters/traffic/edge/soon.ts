/**
 * What is written at the end of a turn of the event loop, all of it together: a reader that is awake already is not woken up again,
 * and what instances have sent or closed by then was read before anything is sent to them.
 */
let waiting: (() => void)[] = [];

/** `act` must not throw: others wait behind it. */
export function soon(act: () => void): void {
  if (waiting.push(act) === 1) setImmediate(actAll);
}

function actAll(): void {
  const all = waiting;
  waiting = [];
  for (const act of all) act();
}

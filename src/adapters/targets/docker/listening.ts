import { connect } from 'node:net';
import type { Instance } from '../../../ports/traffic.ts';

const patienceMs = 1_000;
const heldMs = 150;

/**
 * Whether a service listens behind a published port. The engine listens there from the beginning, and hangs up at once while nobody
 * does inside: a connection that is kept for a moment has somebody at its end.
 */
export function answersAt({ host, port }: Instance): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: patienceMs });
    const answer = (listens: boolean): void => {
      clearTimeout(held);
      socket.destroy();
      resolve(listens);
    };
    let held: NodeJS.Timeout | undefined;
    socket.once('connect', () => (held = setTimeout(() => answer(true), heldMs)));
    for (const event of ['error', 'end', 'close', 'timeout']) socket.once(event, () => answer(false));
  });
}

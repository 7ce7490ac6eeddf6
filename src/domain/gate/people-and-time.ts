/** Gates that wait for a clock or a turn (R7, R8, R26). */
import { windowAt } from '../base/calendar.ts';
import { isoTime } from '../base/time.ts';
import { aheadOf } from '../promotion/queue.ts';
import { lookAgain, open, waiting, type Gate } from './gate.ts';

/** R26: closed windows name their next opening. */
export const windowGate: Gate = {
  name: 'window',
  asks: 'facts',
  answer({ facts: { spec, now }, kind }) {
    const windows = spec.gates.filter((gate) => gate.gate === 'window');
    if (windows.length === 0 || kind === 'rollback') return undefined;
    const shut = windows.map((gate) => windowAt(gate.window, now)).filter((state) => !state.open);
    if (shut.length === 0) return open('inside the deployment window');
    const opensAt = shut
      .map((state) => state.opensAt)
      .reduce((left, right) => (left === undefined || right === undefined ? undefined : left > right ? left : right));
    if (opensAt === undefined)
      return waiting(
        'person',
        'the deployment window does not open within a year',
        'change the window in the pipeline',
      );
    return lookAgain(opensAt, waiting('time', 'outside the deployment window', `wait until ${isoTime(opensAt)}`));
  },
};

/** R7, R8: one promotion at a time deploys in an environment, and in a queue the first in line goes first. */
export const turnGate: Gate = {
  name: 'turn',
  asks: 'facts',
  answer({ facts, kind, promotion: asked }) {
    const { open: promotions, spec, lease, now } = facts;
    const active = promotions.find((promotion) => promotion.progress.state === 'running');
    // What deploys has its turn, and waits for nobody.
    if (active !== undefined && active.id === asked) return undefined;
    if (active !== undefined) {
      return waiting(
        'turn',
        `${active.id} is being deployed to ${spec.name}`,
        `wait for it to end, or liftlock abort ${active.id}`,
      );
    }
    const ahead = aheadOf(facts, kind, asked);
    if (ahead !== undefined)
      return waiting(
        'turn',
        `${ahead.id} is before it in the queue of ${spec.name}`,
        `wait for it to end, or liftlock abort ${ahead.id}`,
      );
    if (lease === undefined || lease.expiresAt <= now) return undefined;
    return lookAgain(
      lease.expiresAt,
      waiting('turn', `the release of ${spec.name} is being started again`, 'wait for it to end'),
    );
  },
};

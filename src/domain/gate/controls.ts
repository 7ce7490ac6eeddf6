/** What people set to stop promotions: veto, pin, freeze, hold (R26–R30). */
import { isoTime } from '../base/time.ts';
import { closed, open, waiting, type Gate } from './gate.ts';

/** R30: a vetoed release goes nowhere until somebody with the right to lifts the veto. */
export const vetoGate: Gate = {
  name: 'veto',
  asks: 'facts',
  answer({ release }) {
    if (release.veto === undefined) return undefined;
    return closed(
      `release #${release.number} was vetoed by ${release.veto.by}: ${release.veto.reason}`,
      `lift the veto, or promote another release`,
    );
  },
};

/** A pin nails the environment to one release, for automation and people alike. */
export const pinGate: Gate = {
  name: 'pin',
  asks: 'facts',
  answer({ facts: { pin, spec }, release, origin }) {
    if (pin === undefined || origin.by === 'engine') return undefined;
    if (pin.release === release.id) return open(`${spec.name} is pinned to this release`);
    return waiting(
      'person',
      `${spec.name} is pinned to ${pin.release} by ${pin.by}: ${pin.reason}`,
      `liftlock unpin ${spec.name}`,
    );
  },
};

/** R27: stops automatic and manual promotions; going back is exempt, and named as exempt. */
export const freezeGate: Gate = {
  name: 'freeze',
  asks: 'facts',
  answer({ facts: { freezes, now, spec }, kind }) {
    const active = freezes.filter((freeze) => freeze.from <= now && (freeze.until === undefined || now < freeze.until));
    const [first] = active;
    if (first === undefined) return undefined;
    if (kind === 'rollback') return open(`frozen by ${first.by}, but a freeze does not stop a rollback`);
    const until = active.some((freeze) => freeze.until === undefined)
      ? undefined
      : active.map((freeze) => freeze.until).reduce((left, right) => (left! > right! ? left : right));
    const end = until === undefined ? 'until somebody lifts it' : `until ${isoTime(until)}`;
    return waiting(
      until === undefined ? 'person' : 'time',
      `${spec.name} is frozen ${end} by ${first.by}: ${first.reason}`,
      `liftlock freeze --lift ${first.id}`,
      until,
    );
  },
};

/** R28: a hold stops automation only; a person may still promote. */
export const holdGate: Gate = {
  name: 'hold',
  asks: 'facts',
  answer({ facts: { hold, spec }, origin }) {
    if (hold === undefined || origin.by !== 'trigger') return undefined;
    return waiting(
      'person',
      `automation of ${spec.name} is on hold since ${isoTime(hold.at)} by ${hold.by}: ${hold.reason}`,
      `liftlock release-hold ${spec.name}, or promote the newest release by hand`,
    );
  },
};

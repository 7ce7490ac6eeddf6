/** What people set to stop promotions: veto, pin, freeze, hold (R26–R30). */
import { instant, isoTime } from '../base/time.ts';
import type { Freeze } from '../promotion/facts.ts';
import { closed, lookAgain, open, waiting, type Gate } from './gate.ts';

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

/** R27: stops automatic and manual promotions. What is exempt stands in the freeze, and is told. */
export const freezeGate: Gate = {
  name: 'freeze',
  asks: 'facts',
  answer({ facts: { freezes, freezesAhead, now, spec }, kind }) {
    const active = freezes.filter((freeze) => freeze.from <= now && (freeze.until === undefined || now < freeze.until));
    const [next] = freezesAhead;
    if (active.length === 0)
      return next && open(`${spec.name} is to be frozen by ${next.by} ${spanOf(next)}: ${next.reason}`);
    if (kind === 'rollback' && active.every(({ exempt }) => exempt.includes('rollback')))
      return open(`frozen by ${active.map(({ by }) => by).join(' and ')}, but a freeze does not stop a rollback`);
    const ends = active.map(({ until }) => until ?? Infinity);
    const last = Math.max(...ends);
    const because = active
      .map((freeze) => `${spec.name} is frozen by ${freeze.by} ${endOf(freeze)}: ${freeze.reason}`)
      .join('; ');
    const unblock = active.map(({ id }) => `liftlock freeze --lift ${id}`).join(', and ');
    if (last === Infinity) return waiting('person', because, unblock);
    return lookAgain(instant(last), waiting('time', because, unblock));
  },
};

function spanOf(freeze: Freeze): string {
  return `from ${isoTime(freeze.from)} ${endOf(freeze)}`;
}

function endOf({ until }: Freeze): string {
  return until === undefined ? 'until somebody lifts it' : `until ${isoTime(until)}`;
}

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

/** Every gate there is, cheapest first (R18), and the one function that asks them. */
import { earliest, type Instant } from '../base/time.ts';
import { availableGate, forwardGate, freshGate, soakGate } from './availability.ts';
import { freezeGate, holdGate, pinGate, vetoGate } from './controls.ts';
import type { Gate, NamedAnswer, Question } from './gate.ts';
import { approvalGate, turnGate, windowGate } from './people-and-time.ts';

export const gates: readonly Gate[] = [
  vetoGate,
  pinGate,
  freezeGate,
  holdGate,
  forwardGate,
  availableGate,
  freshGate,
  soakGate,
  windowGate,
  turnGate,
  approvalGate,
];

export interface Answers {
  /** `open` when every gate is; `closed` when one will not open any more; else `waiting`. */
  readonly summary: 'open' | 'waiting' | 'closed';
  /** R17: every gate that applies, in the order asked. */
  readonly all: readonly NamedAnswer[];
  /** True when people are the only ones it waits for, so that it is time to ask them (R18). */
  readonly peopleAreAsked: boolean;
  readonly askAgainAt: Instant | undefined;
}

/** Asks all gates about one promotion. */
export function askGates(question: Question): Answers {
  const asked = gates.flatMap((gate): { asks: Gate['asks']; named: NamedAnswer }[] => {
    const answer = gate.answer(question);
    return answer === undefined ? [] : [{ asks: gate.asks, named: { ...answer, gate: gate.name } }];
  });
  const all = asked.map(({ named }) => named);
  const blocking = asked.filter(({ named }) => named.answer !== 'open');
  const isClosed = blocking.some(({ named }) => named.answer === 'closed');
  return {
    summary: isClosed ? 'closed' : blocking.length > 0 ? 'waiting' : 'open',
    all,
    peopleAreAsked: blocking.length > 0 && !isClosed && blocking.every(({ asks }) => asks === 'people'),
    askAgainAt: earliest(...all.map((answer) => (answer.answer === 'waiting' ? answer.askAgainAt : undefined))),
  };
}

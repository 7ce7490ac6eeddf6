/** Every gate there is, cheapest first (R18), and the one function that asks them. */
import { earliest, type Instant } from '../base/time.ts';
import type { Lookup } from '../promotion/proof.ts';
import { approvalGate } from './approval.ts';
import { availableGate, forwardGate, freshGate, soakGate } from './availability.ts';
import { followUpGate, throughGlass } from './break-glass.ts';
import { freezeGate, holdGate, pinGate, vetoGate } from './controls.ts';
import { customGate } from './custom.ts';
import { deployedGate, mergedGate, taggedGate } from './delivery.ts';
import type { Gate, NamedAnswer, Question } from './gate.ts';
import { notesGate, planGate } from './papers.ts';
import { turnGate, windowGate } from './people-and-time.ts';
import { trustGate } from './trust.ts';
import { performanceGate } from './performance.ts';
import { reviewGate } from './review.ts';
import { securityGate } from './security.ts';
import { qaGate } from './sign-off.ts';
import { testsGate } from './tests.ts';

export const gates: readonly Gate[] = [
  vetoGate,
  trustGate,
  pinGate,
  freezeGate,
  holdGate,
  followUpGate,
  forwardGate,
  availableGate,
  deployedGate,
  mergedGate,
  taggedGate,
  testsGate,
  freshGate,
  soakGate,
  performanceGate,
  securityGate,
  windowGate,
  customGate,
  turnGate,
  reviewGate,
  qaGate,
  notesGate,
  planGate,
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
  /** What the engine has to ask outside now. */
  readonly lookups: readonly Lookup[];
}

/** Asks all gates about one promotion. */
export function askGates(question: Question): Answers {
  const asked = gates.flatMap((gate): { asks: Gate['asks']; named: NamedAnswer }[] => {
    const answer = gate.answer(question);
    if (answer === undefined) return [];
    return [{ asks: gate.asks, named: { ...throughGlass(question, gate.name, answer), gate: gate.name } }];
  });
  const all = asked.map(({ named }) => named);
  const blocking = asked.filter(({ named }) => named.answer !== 'open');
  const isClosed = blocking.some(({ named }) => named.answer === 'closed');
  return {
    summary: isClosed ? 'closed' : blocking.length > 0 ? 'waiting' : 'open',
    all,
    peopleAreAsked: blocking.length > 0 && !isClosed && blocking.every(waitsForPeople),
    askAgainAt: earliest(...all.map((answer) => (answer.answer === 'waiting' ? answer.askAgainAt : undefined))),
    lookups: lookupsOf(asked.map(({ named }) => named)),
  };
}

/**
 * R18: reading the repository or the forge is cheap. The project's own commands are run when no other automatic gate keeps
 * the promotion waiting, and not for one that is closed.
 */
function lookupsOf(answers: readonly NamedAnswer[]): readonly Lookup[] {
  if (answers.some(({ answer }) => answer === 'closed')) return [];
  const wanted = answers.flatMap((answer) => (answer.answer === 'waiting' ? (answer.lookups ?? []) : []));
  const others = answers.some(
    ({ gate, answer }) => answer === 'waiting' && gate !== customGate.name && !peopleGates.has(gate),
  );
  return others ? wanted.filter(({ kind }) => kind !== 'custom') : wanted;
}

/** Names of the gates that people answer. */
export const peopleGates: ReadonlySet<string> = new Set(
  gates.filter(({ asks }) => asks === 'people').map(({ name }) => name),
);

/** R5: what they saw must still be so when the deployment begins; the others are about when it may start. */
export const lastingGates: ReadonlySet<string> = new Set(
  [
    trustGate,
    availableGate,
    deployedGate,
    mergedGate,
    taggedGate,
    testsGate,
    performanceGate,
    securityGate,
    reviewGate,
    qaGate,
    notesGate,
    planGate,
    approvalGate,
  ].map(({ name }) => name),
);

/** R24, R27: they are about when it may begin, and what they say counts until a user can notice something of it. */
export const beginningGates: ReadonlySet<string> = new Set([pinGate, freezeGate, windowGate].map(({ name }) => name));

function waitsForPeople({ asks, named }: { asks: Gate['asks']; named: NamedAnswer }): boolean {
  return asks === 'people' && named.answer === 'waiting' && named.waitsFor === 'person';
}

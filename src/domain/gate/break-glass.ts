/** R25: the recorded way around named gates in an emergency, and the look back that it obliges to. */
import { isoTime } from '../base/time.ts';
import type { BreakGlass } from '../promotion/facts.ts';
import { waiting, type Answer, type Gate, type NamedAnswer, type Question } from './gate.ts';

/**
 * The gates that two people together may pass. Everything that is not in this list is never passed: vetoes and pins,
 * turns, and what signatures and digests are checked by.
 */
export const breakableGates: ReadonlySet<string> = new Set([
  'freeze',
  'available',
  'deployed',
  'tests',
  'fresh',
  'soak',
  'performance',
  'security',
  'window',
  'custom',
  'review',
  'qa',
  'notes',
  'plan',
  'approval',
]);

/** What the gate answered, or that it is passed. What it would have said is told all the same. */
export function throughGlass(question: Question, gate: string, answer: Answer): Answer {
  if (answer.answer === 'open' || isFinal(gate, answer) || isStopped(question, gate)) return answer;
  const glass = glassFor(question, gate);
  if (glass === undefined) return answer;
  return {
    answer: 'open',
    because: `passed by break-glass ${glass.id} of ${glass.requestedBy}, confirmed by ${glass.confirmedBy}: ${glass.reason} (${glass.incident}); without it: ${answer.because}`,
    breakGlass: glass.id,
  };
}

/** Of these gates, those that two people could pass here and now; none where the pipeline allows no break-glass. */
export function passableNow(question: Question, answers: readonly NamedAnswer[]): readonly string[] {
  if (question.facts.trust.breakGlass === 'none') return [];
  return answers
    .filter(
      (one) =>
        one.answer !== 'open' &&
        breakableGates.has(one.gate) &&
        !isFinal(one.gate, one) &&
        !isStopped(question, one.gate),
    )
    .map(({ gate }) => gate);
}

/** The one that is in force for this promotion, whichever gates it names. */
function glassOf({ facts, release, kind, promotion }: Omit<Question, 'planHash'>): readonly BreakGlass[] {
  if (kind === 'rollback') return [];
  return facts.breakGlasses.filter(
    (glass) =>
      glass.release === release.id &&
      (glass.promotion === undefined || glass.promotion === promotion) &&
      (glass.expiresAt > facts.now || isBegun(facts, glass)),
  );
}

/** What used it goes on with it. One that was put back before it began has to begin in time. */
function isBegun({ open }: Question['facts'], { promotion }: BreakGlass): boolean {
  return promotion !== undefined && !open.some(({ id, progress }) => id === promotion && progress.state === 'waiting');
}

function glassFor(question: Question, gate: string): BreakGlass | undefined {
  if (!breakableGates.has(gate)) return undefined;
  return glassOf(question).find(({ gates }) => gates.includes(gate));
}

/** R23: what a person rejected stays rejected. */
function isFinal(gate: string, { answer }: Answer): boolean {
  return gate === 'approval' && answer === 'closed';
}

/** R27: a freeze that does not name break-glass stops it, too. */
function isStopped({ facts }: Question, gate: string): boolean {
  return gate === 'freeze' && facts.freezes.some(({ exempt }) => !exempt.includes('break-glass'));
}

/** An emergency that nobody has looked back at in time keeps production shut for what is no emergency. */
export const followUpGate: Gate = {
  name: 'follow-up',
  asks: 'facts',
  answer(question) {
    const { facts, kind } = question;
    const [first] = facts.overdue;
    if (first === undefined || kind === 'rollback' || glassOf(question).length > 0) return undefined;
    const all = facts.overdue.map(({ id, breakGlass, dueAt }) => `${id} of ${breakGlass} was due ${isoTime(dueAt)}`);
    return waiting(
      'person',
      `nobody has looked back at an emergency in time: ${all.join('; ')}`,
      `liftlock follow-up close ${first.id} --conclusion <what was learnt>`,
    );
  },
};

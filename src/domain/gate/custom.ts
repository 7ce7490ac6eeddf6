/** Questions of the project's own: a command or a signed request, asked once for a promotion and plan. */
import { earliest } from '../base/time.ts';
import type { CustomGateSpec } from '../pipeline/gate-spec.ts';
import { closed, lookAgain, open, waiting, type Answer, type Gate, type Question } from './gate.ts';
import { checkOf } from './lookups.ts';

export const customGate: Gate = {
  name: 'custom',
  asks: 'facts',
  answer(question) {
    const { facts, kind } = question;
    const asked = facts.spec.gates.filter((gate) => gate.gate === 'custom');
    if (asked.length === 0 || kind === 'rollback') return undefined;
    return together(asked.map((gate) => one(question, gate)));
  },
};

function one({ promotion, planHash, release }: Question, gate: CustomGateSpec): Answer {
  const { name } = gate;
  if (promotion === undefined)
    return waiting('lookup', `${name} is asked when a promotion waits for it`, `liftlock promote ${release.number}`);
  const lookup = { kind: 'custom', name, subject: `${promotion} ${planHash}` } as const;
  const check = checkOf(release, lookup);
  if (check === undefined)
    return { ...waiting('lookup', `${name} has not been asked yet`, 'wait for its answer'), lookups: [lookup] };
  const said = `${name}: ${check.because}`;
  switch (check.state) {
    case 'asking':
      return { ...waiting('lookup', `${name} is being asked`, 'wait for its answer'), lookups: [lookup] };
    // R16: not being able to ask is an error that is tried again, not a no and not a person's turn.
    case 'failed':
      return lookAgain(check.askAgainAt, {
        ...waiting('lookup', `${name} could not be asked: ${check.because}`, 'it is asked again by itself'),
        lookups: [lookup],
      });
    case 'answered':
      if (check.answer === 'open') return open(said);
      if (check.answer === 'closed') return closed(said, 'promote it again when the reason is gone');
      return lookAgain(check.askAgainAt, {
        ...waiting('lookup', said, 'it is asked again by itself'),
        lookups: [lookup],
      });
  }
}

/** Shut while one of them is; the sentences of all that are shut. */
function together(answers: readonly Answer[]): Answer {
  const shut = answers.filter(({ answer }) => answer !== 'open');
  if (shut.length === 0) return open(answers.map(({ because }) => because).join('; '));
  const because = shut.map((answer) => answer.because).join('; ');
  const unblock = [...new Set(shut.flatMap((answer) => (answer.answer === 'open' ? [] : [answer.unblock])))].join('; ');
  if (shut.some(({ answer }) => answer === 'closed')) return closed(because, unblock);
  const pending = shut.flatMap((answer) => (answer.answer === 'waiting' ? [answer] : []));
  return lookAgain(earliest(...pending.map(({ askAgainAt }) => askAgainAt)), {
    ...waiting('lookup', because, unblock),
    lookups: pending.flatMap(({ lookups }) => lookups ?? []),
  });
}

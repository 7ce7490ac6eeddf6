import { confirm } from '../ask.ts';
import { connect } from '../client.ts';
import type { Act } from '../invocation.ts';

export const act: Act = async (invocation) => {
  const { output, options } = invocation;
  const [person] = invocation.arguments;
  const alsoKnownAs = typeof options['alsoKnownAs'] === 'string' ? options['alsoKnownAs'].split(',') : [];
  const texts = options['texts'] === true;
  const what = texts ? 'what is recorded about, and what was written by,' : 'what is recorded about';
  const question = `Erase ${what} ${person} in the event log? It cannot be brought back.`;
  if (!(await confirm(invocation, question, `liftlock audit erase ${person}`))) {
    output.progress('nothing is erased');
    return 0;
  }
  const client = await connect(invocation);
  const { erased } = await client.post<{ erased: number }>('/api/v1/audit/erase', {
    person,
    alsoKnownAs,
    texts,
    reason: options['reason'] ?? 'no reason given',
  });
  output.answer(
    { person, erased },
    () => `${erased} texts about ${person} are erased; the log still proves what it proved`,
  );
  return 0;
};

import { Failure } from '../../domain/base/failure.ts';
import { connect } from '../client.ts';
import type { Act } from '../invocation.ts';
import { projectPath } from '../project.ts';

export const act: Act = async (invocation) => {
  const number = invocation.arguments[0]!.replace(/^#/, '');
  if (!/^\d+$/.test(number))
    throw new Failure('input/invalid', `${invocation.arguments[0]} is not the number of a build`, {
      hint: 'liftlock status shows builds',
    });
  const client = await connect(invocation);
  const answer = await client.post<{ attempt: number }>(
    `${await projectPath(invocation, client)}/builds/${number}/retry`,
    {},
  );
  invocation.output.answer(
    answer,
    () => `build #${number} is tried again (attempt ${answer.attempt}); liftlock logs build/${number} --follow`,
  );
  return 0;
};

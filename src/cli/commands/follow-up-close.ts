import { connect } from '../client.ts';
import type { Act } from '../invocation.ts';
import { projectPath } from '../project.ts';

export const act: Act = async (invocation) => {
  const [followUp] = invocation.arguments;
  const { conclusion } = invocation.options;
  const client = await connect(invocation);
  const answer = await client.post<{ followUp: string }>(`${await projectPath(invocation, client)}/follow-ups/close`, {
    followUp,
    conclusion,
  });
  invocation.output.answer(answer, () => `closed: ${answer.followUp}`);
  return 0;
};

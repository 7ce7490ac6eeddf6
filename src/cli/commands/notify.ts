import { connect } from '../client.ts';
import type { Act } from '../invocation.ts';
import { projectPath } from '../project.ts';

export const act: Act = async (invocation) => {
  const client = await connect(invocation);
  const answer = await client.post(`${await projectPath(invocation, client)}/notify`, {});
  invocation.output.answer(answer, () => 'told; the repository is being looked at');
  return 0;
};

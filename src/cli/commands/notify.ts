import { connect } from '../client.ts';
import { differsFromForce } from '../in-force.ts';
import type { Act } from '../invocation.ts';
import { projectPath } from '../project.ts';

export const act: Act = async (invocation) => {
  const client = await connect(invocation);
  const path = await projectPath(invocation, client);
  const answer = await client.post(`${path}/notify`, {});
  invocation.output.answer(answer, () => 'told; the repository is being looked at');
  const differs = await differsFromForce(invocation.directory, client, path);
  if (differs !== undefined)
    invocation.output.progress(`${differs}; what is built now is built without it. liftlock apply puts it in force`);
  return 0;
};

import { connect } from '../client.ts';
import type { Act } from '../invocation.ts';
import { projectPath } from '../project.ts';

export const act: Act = async (invocation) => {
  const [webhook] = invocation.arguments;
  const client = await connect(invocation);
  const answer = await client.post(`${await projectPath(invocation, client)}/webhooks/remove`, { webhook });
  invocation.output.answer(answer, () => `removed: ${webhook}`);
  return 0;
};

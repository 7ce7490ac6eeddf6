import { connect } from '../client.ts';
import type { Act } from '../invocation.ts';
import { projectPath } from '../project.ts';

export const act: Act = async (invocation) => {
  const client = await connect(invocation);
  const view = await client.get<{ text: string }>(`${await projectPath(invocation, client)}/pipeline`);
  invocation.output.answer(view, () => view.text);
  return 0;
};

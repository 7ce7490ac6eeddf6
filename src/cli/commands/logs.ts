import { connect } from '../client.ts';
import type { Act } from '../program.ts';
import { projectPath } from '../project.ts';

export const act: Act = async (invocation) => {
  const [subject] = invocation.arguments;
  const client = await connect(invocation);
  const answer = await client.get<{ pieces: readonly { run: string; state: string; text: string }[] }>(`${await projectPath(invocation, client)}/logs`, { subject, bytes: String(invocation.options['bytes']) });
  invocation.output.answer(answer, () => answer.pieces.map(({ run, state, text }) => `── ${run} (${state})\n${text}`).join('\n'));
  return 0;
};

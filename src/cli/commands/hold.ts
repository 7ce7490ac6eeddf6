import { connect } from '../client.ts';
import type { Act } from '../invocation.ts';
import { projectPath } from '../project.ts';

export const act: Act = async (invocation) => {
  const [environment] = invocation.arguments;
  const client = await connect(invocation);
  const answer = await client.post(
    `${await projectPath(invocation, client)}/environments/${encodeURIComponent(environment!)}/hold`,
    { reason: invocation.options['reason'] ?? 'no reason given' },
  );
  invocation.output.answer(answer, () => `automation of ${environment} is on hold; people may still promote`);
  return 0;
};

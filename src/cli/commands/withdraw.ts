import { connect } from '../client.ts';
import type { Act } from '../invocation.ts';
import { projectPath } from '../project.ts';

export const act: Act = async (invocation) => {
  const [release, environment] = invocation.arguments;
  const { reason } = invocation.options;
  const client = await connect(invocation);
  const answer = await client.post<{ promotion: string }>(
    `${await projectPath(invocation, client)}/environments/${encodeURIComponent(environment!)}/withdraw-approval`,
    { release, reason: reason ?? 'no reason given' },
  );
  invocation.output.answer(answer, () => `withdrawn: your approval of ${answer.promotion}`);
  return 0;
};

import { connect } from '../client.ts';
import type { Act } from '../invocation.ts';
import { projectPath } from '../project.ts';

export const act: Act = async (invocation) => {
  const [environment, release] = invocation.arguments;
  const client = await connect(invocation);
  const answer = await client.post<{ release: string }>(`${await projectPath(invocation, client)}/environments/${encodeURIComponent(environment!)}/pin`, { release, reason: invocation.options['reason'] ?? 'no reason given' });
  invocation.output.answer(answer, () => `${environment} is pinned to ${answer.release}`);
  return 0;
};

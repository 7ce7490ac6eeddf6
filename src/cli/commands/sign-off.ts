import { connect } from '../client.ts';
import type { Act } from '../invocation.ts';
import { projectPath } from '../project.ts';

export const act: Act = async (invocation) => {
  const [release, environment] = invocation.arguments;
  const { reason, refuse } = invocation.options;
  const client = await connect(invocation);
  const answer = await client.post<{ evidence: string }>(
    `${await projectPath(invocation, client)}/environments/${encodeURIComponent(environment!)}/sign-off`,
    { release, verdict: refuse === true ? 'FAIL' : 'PASS', reason: reason ?? 'no reason given' },
  );
  const word = refuse === true ? 'not signed off' : 'signed off';
  invocation.output.answer(answer, () => `${word}: release ${release} in ${environment} (${answer.evidence})`);
  return 0;
};

import { connect } from '../client.ts';
import type { Act } from '../invocation.ts';
import { projectPath } from '../project.ts';

export const act: Act = async (invocation) => {
  const [release, environment] = invocation.arguments;
  const client = await connect(invocation);
  const path = await projectPath(invocation, client);
  const answer = await client.post<{ asked: readonly string[] }>(
    `${path}/environments/${encodeURIComponent(environment!)}/ask-again`,
    { release },
  );
  invocation.output.answer(answer, () =>
    answer.asked.length === 0
      ? `nothing waits to be asked again for release ${release} in ${environment}`
      : `asked again: ${answer.asked.join(', ')}`,
  );
  return 0;
};

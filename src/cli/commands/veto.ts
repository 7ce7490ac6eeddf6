import { connect } from '../client.ts';
import type { Act } from '../invocation.ts';
import { projectPath } from '../project.ts';

export const act: Act = async (invocation) => {
  const [release, environment] = invocation.arguments;
  const { reason, lift } = invocation.options;
  const client = await connect(invocation);
  const verb = lift === true ? 'lift-veto' : 'veto';
  const body = { reason: reason ?? 'no reason given', ...(environment === undefined ? {} : { environment }) };
  const answer = await client.post<{ release: string }>(
    `${await projectPath(invocation, client)}/releases/${encodeURIComponent(release!)}/${verb}`,
    body,
  );
  const where = environment ?? 'every environment';
  invocation.output.answer(answer, () =>
    lift === true ? `the veto of release ${release} in ${where} is lifted` : `release ${release} is vetoed in ${where}`,
  );
  return 0;
};

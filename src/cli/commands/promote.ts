import { connect } from '../client.ts';
import { ending, waitFor } from '../promotion-wait.ts';
import type { Act } from '../invocation.ts';
import { projectPath } from '../project.ts';

export const act: Act = async (invocation) => {
  const { output, options } = invocation;
  const [release, environment] = invocation.arguments;
  const client = await connect(invocation);
  const requested = await client.post<{ promotion: string; held: boolean }>(
    `${await projectPath(invocation, client)}/promotions`,
    { release, environment },
  );
  if (requested.held)
    output.progress(
      `${environment} is on hold now: not the newest release was chosen. liftlock release-hold ${environment} lets automation go on`,
    );
  if (options['wait'] === false) {
    output.answer(requested, () => `requested: ${requested.promotion}`);
    return 0;
  }
  const { promotion, code } = await waitFor(invocation, client, requested.promotion);
  output.answer(promotion, () =>
    promotion.state === 'ended'
      ? ending(promotion)
      : `waiting: ${promotion.id}; liftlock why ${release} ${environment}`,
  );
  return code;
};

import type { WhyView } from '../../api/contract/explanations.ts';
import { approversText } from '../text/approvers.ts';
import { canAsk, confirm } from '../ask.ts';
import { connect, type Client, type Query } from '../client.ts';
import { Failure } from '../../domain/base/failure.ts';
import { ending, waitFor } from '../promotion-wait.ts';
import type { Act, Invocation } from '../invocation.ts';
import { projectPath } from '../project.ts';

export const act: Act = async (invocation) => {
  const { output, options } = invocation;
  const [release, environment] = invocation.arguments;
  const client = await connect(invocation);
  const path = await projectPath(invocation, client);
  if (!(await wantsIt(invocation, await reasonsOf(client, `${path}/why`, { release, environment })))) return 2;
  const requested = await client.post<{ promotion: string; held: boolean }>(`${path}/promotions`, {
    release,
    environment,
  });
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

/** `undefined` to a token that may ask for releases and not read about them. */
async function reasonsOf(client: Client, path: string, pair: Query): Promise<WhyView | undefined> {
  try {
    return await client.get<WhyView>(path, pair);
  } catch (error) {
    if (error instanceof Failure && error.code === 'request/forbidden') return undefined;
    throw error;
  }
}

/** R22: who asks does not approve. It is told before, and asked about where nobody would be left to approve it. */
async function wantsIt(invocation: Invocation, why: WhyView | undefined): Promise<boolean> {
  const approvers = why?.approvers ?? null;
  for (const line of approversText(approvers)) invocation.output.progress(line);
  if (approvers?.you?.may !== 'until-asked' || approvers.you.short === 0 || !canAsk(invocation)) return true;
  return confirm(invocation, 'Ask for it all the same?', 'liftlock promote');
}

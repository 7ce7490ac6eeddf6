import type { StatusView } from '../../api/contract/environments.ts';
import { Failure } from '../../domain/base/failure.ts';
import { connect, type Client } from '../client.ts';
import type { Act, Invocation } from '../invocation.ts';
import { projectPath } from '../project.ts';

export const act: Act = async (invocation) => {
  const client = await connect(invocation);
  const promotion = await promotionOf(invocation, client);
  const answer = await client.post<{ promotion: string; ended: boolean }>(
    `/api/v1/promotions/${encodeURIComponent(promotion)}/abort`,
    { reason: invocation.options['reason'] ?? 'no reason given' },
  );
  invocation.output.answer(answer, () =>
    answer.ended ? `${promotion} is aborted` : `${promotion} is being stopped; what ran before will serve again`,
  );
  return 0;
};

/**
 * In a hurry one knows the environment: what is being deployed there, or the only one that waits. Anything else is taken
 * for an id, which the server knows or does not.
 * @throws Failure `input/invalid` where it could be several, or none.
 */
async function promotionOf(invocation: Invocation, client: Client): Promise<string> {
  const named = invocation.arguments[0]!;
  if (named.startsWith('prm_')) return named;
  const { environments } = await client.get<StatusView>(`${await projectPath(invocation, client)}/status`);
  const environment = environments.find(({ name }) => name === named);
  if (environment === undefined) return named;
  const { active, waiting } = environment;
  const [first, second] = active === null ? waiting : [active];
  if (first === undefined)
    throw new Failure('input/invalid', `nothing is on its way into ${named}`, { hint: 'liftlock status' });
  if (second !== undefined)
    throw new Failure('input/invalid', `several releases wait for ${named}`, {
      hint: waiting.map(({ id, release }) => `liftlock abort ${id} (#${release.number})`).join(', '),
    });
  return first.id;
}

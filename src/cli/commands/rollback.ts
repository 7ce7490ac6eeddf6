import type { StatusView } from '../../api/contract/environments.ts';
import type { ReleaseView } from '../../api/contract/releases.ts';
import { Failure } from '../../domain/base/failure.ts';
import { canAsk, choose } from '../ask.ts';
import { connect, type Client } from '../client.ts';
import { ago } from '../text/format.ts';
import { ending, waitFor } from '../promotion-wait.ts';
import type { Act, Invocation } from '../invocation.ts';
import { projectPath } from '../project.ts';

export const act: Act = async (invocation) => {
  const { output, options } = invocation;
  const client = await connect(invocation);
  const path = await projectPath(invocation, client);
  const environment = invocation.arguments[0] ?? (await pickEnvironment(invocation, client, path));
  const to = options['to'] ?? (await pickRelease(invocation, client, { path, environment }));
  const body = { reason: options['reason'] ?? 'no reason given', ...(to === undefined ? {} : { to }) };
  const requested = await client.post<{ promotion: string; release: string }>(
    `${path}/environments/${encodeURIComponent(environment)}/rollback`,
    body,
  );
  if (options['wait'] === false) {
    output.answer(requested, () => `requested: ${requested.promotion}`);
    return 0;
  }
  const { promotion, code } = await waitFor(invocation, client, requested.promotion);
  output.answer(promotion, () => (promotion.state === 'ended' ? ending(promotion) : `waiting: ${promotion.id}`));
  if (code === 0)
    output.progress(`automation of ${environment} is on hold; liftlock release-hold ${environment} lets it go on`);
  return code;
};

async function pickEnvironment(invocation: Invocation, client: Client, path: string): Promise<string> {
  const { environments } = await client.get<StatusView>(`${path}/status`);
  const names = environments.filter(({ running, retired }) => running !== null && !retired).map(({ name }) => name);
  if (!canAsk(invocation))
    throw new Failure('input/invalid', 'which environment should go back?', {
      hint: `liftlock rollback ${names.at(-1) ?? 'production'}`,
    });
  // Where people go back most is last in the pipeline.
  const lines = [...names].reverse();
  const chosen = await choose('Which environment should go back?', lines);
  if (chosen === undefined) throw new Failure('input/invalid', 'nothing was chosen');
  return lines[chosen]!;
}

/** On a terminal a list with times, [1] being the last good one; elsewhere the server picks that one. */
async function pickRelease(
  invocation: Invocation,
  client: Client,
  { path, environment }: { path: string; environment: string },
): Promise<string | undefined> {
  if (!canAsk(invocation) || invocation.options['yes'] === true) return undefined;
  const { targets } = await client.get<{ targets: readonly (ReleaseView & { lastUntil: number | null })[] }>(
    `${path}/environments/${encodeURIComponent(environment)}/rollback-targets`,
  );
  if (targets.length === 0) return undefined;
  const now = Date.now();
  const lines = targets.map(
    (target) =>
      `#${target.number} ${target.title} (ran until ${target.lastUntil === null ? 'now' : ago(target.lastUntil, now)})`,
  );
  const chosen = await choose(`Go back to which release in ${environment}?`, lines);
  if (chosen === undefined) throw new Failure('input/invalid', 'nothing was chosen');
  return targets[chosen]!.id;
}

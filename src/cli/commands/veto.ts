import type { VetoView } from '../../api/contract/releases.ts';
import { Failure } from '../../domain/base/failure.ts';
import { connect } from '../client.ts';
import { table } from '../text/format.ts';
import type { Act } from '../invocation.ts';
import { projectPath } from '../project.ts';

export const act: Act = async (invocation) => {
  const [release, environment] = invocation.arguments;
  const { options, output } = invocation;
  const client = await connect(invocation);
  const path = await projectPath(invocation, client);
  if (options['list'] === true) {
    const view = await client.get<{ vetoes: readonly VetoView[] }>(`${path}/vetoes`);
    output.answer(view, () => render(view.vetoes));
    return 0;
  }
  if (release === undefined)
    throw new Failure('input/invalid', 'which release?', { hint: 'liftlock veto 12 production --reason ...' });
  const isLift = options['lift'] === true;
  const answer = await client.post<{ release: string }>(
    `${path}/releases/${encodeURIComponent(release)}/${isLift ? 'lift-veto' : 'veto'}`,
    { reason: options['reason'] ?? 'no reason given', ...(environment === undefined ? {} : { environment }) },
  );
  const where = environment ?? 'every environment';
  output.answer(answer, () =>
    isLift ? `the veto of release ${release} in ${where} is lifted` : `release ${release} is vetoed in ${where}`,
  );
  return 0;
};

function render(vetoes: readonly VetoView[]): string {
  if (vetoes.length === 0) return 'no release is vetoed';
  return table(
    vetoes.map(({ release, environment, by, reason }) => [
      `#${release.number}`,
      environment ?? 'everywhere',
      `${by}: ${reason}`,
    ]),
  );
}

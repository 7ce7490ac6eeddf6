import type { ReleaseDetailView } from '../../api/contract/releases.ts';
import { connect } from '../client.ts';
import type { Act } from '../invocation.ts';
import { projectPath } from '../project.ts';

export const act: Act = async (invocation) => {
  const [environment, named] = invocation.arguments;
  const client = await connect(invocation);
  const project = await projectPath(invocation, client);
  // A pin stays: what `latest` or a branch means now is what it is pinned to.
  const { release } = await client.get<ReleaseDetailView>(`${project}/releases/${encodeURIComponent(named!)}`);
  const answer = await client.post<object>(`${project}/environments/${encodeURIComponent(environment!)}/pin`, {
    release: release.id,
    reason: invocation.options['reason'] ?? 'no reason given',
  });
  invocation.output.answer(
    { ...answer, release: release.id },
    () => `${environment} is pinned to #${release.number} ${release.title}`,
  );
  return 0;
};

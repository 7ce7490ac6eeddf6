import type { ReleaseView } from '../../api/contract/releases.ts';
import { connect } from '../client.ts';
import { ago, shortCommit, table } from '../text/format.ts';
import type { Act } from '../invocation.ts';
import { projectPath } from '../project.ts';

export const act: Act = async (invocation) => {
  const client = await connect(invocation);
  const answer = await client.get<{ releases: readonly ReleaseView[] }>(
    `${await projectPath(invocation, client)}/releases`,
    { limit: String(invocation.options['number'] ?? 20) },
  );
  const now = Date.now();
  invocation.output.answer(answer, () =>
    answer.releases.length === 0
      ? 'no release yet'
      : table(
          answer.releases.map((release) => [
            `#${release.number}`,
            shortCommit(release.commit),
            ago(release.createdAt, now),
            release.refs.map(shortRef).join(' '),
            release.title,
          ]),
        ),
  );
  return 0;
};

function shortRef(ref: string): string {
  return ref.replace(/^refs\/(heads|tags)\//, '');
}

import type { ReviewableView } from '../../api/contract/reviews.ts';
import { Failure } from '../../domain/base/failure.ts';
import { connect } from '../client.ts';
import { shortCommit } from '../text/format.ts';
import type { Act } from '../invocation.ts';
import { projectPath } from '../project.ts';

/** What is reviewed is what was read: the commits are shown first, and exactly those are named in the review. */
export const act: Act = async (invocation) => {
  const { options, output } = invocation;
  const release = invocation.arguments[0]!;
  if (options['approve'] === true && options['requestChanges'] === true)
    throw new Failure('input/invalid', 'either --approve or --request-changes');
  const client = await connect(invocation);
  const path = await projectPath(invocation, client);
  const environment = options['environment'];
  const view = await client.get<ReviewableView>(
    `${path}/releases/${encodeURIComponent(release)}/reviews`,
    typeof environment === 'string' ? { environment } : {},
  );
  if (options['approve'] !== true && options['requestChanges'] !== true) {
    output.answer(view, () => render(view));
    return 0;
  }
  output.progress(render(view));
  const decision = options['approve'] === true ? 'approve' : 'request-changes';
  const answer = await client.post<{ reviews: number }>(`${path}/reviews`, {
    commits: view.commits.map(({ id }) => id),
    decision,
    reason: options['reason'] ?? 'no reason given',
  });
  output.answer(answer, () =>
    decision === 'approve'
      ? `${answer.reviews} commits approved; for those that you wrote it does not count`
      : `changes requested in ${answer.reviews} commits`,
  );
  return 0;
};

function render({ release, environment, since, commits }: ReviewableView): string {
  const from = since === null ? 'nothing runs there yet' : `since #${since.number}`;
  const lines = commits.flatMap(({ id, subject, authors, merge, reviews }) => [
    `  ${shortCommit(id)} ${subject} (${authors.join(', ')})${merge ? ' merge' : ''}`,
    ...reviews.map(({ by, decision, reason }) => `             ${by} ${decision}: ${reason}`),
  ]);
  return [`#${release.number} ${release.title}: new for ${environment}, ${from}`, ...lines].join('\n');
}

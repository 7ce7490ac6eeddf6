/** Reviews of pull requests at Gitea and Forgejo. */
import { z } from 'zod';
import { lastWords, timeOf, type FindChange, type Said } from './opinion.ts';

const user = z.object({ login: z.string() });
const pull = z.object({
  number: z.int(),
  user: user.nullable(),
  merged: z.boolean(),
  base: z.object({ ref: z.string() }),
  head: z.object({ sha: z.string() }),
});
const review = z.object({
  user: user.nullable(),
  state: z.string(),
  commit_id: z.string(),
  stale: z.boolean().optional(),
  dismissed: z.boolean().optional(),
  submitted_at: z.string(),
});
const commit = z.object({ author: user.nullish(), committer: user.nullish() });

export const giteaChange: FindChange = async (ask, { repository, commit: id, branch }) => {
  const merged = await ask.one(`/repos/${repository}/commits/${id}/pull`, pull);
  if (merged === undefined || !merged.merged || merged.base.ref !== branch) return undefined;
  const path = `/repos/${repository}/pulls/${merged.number}`;
  return {
    number: merged.number,
    async opinions() {
      const reviews = await ask.all(`${path}/reviews`, review);
      const commits = await ask.all(`${path}/commits`, commit);
      const authors = new Set(
        [merged.user, ...commits.flatMap((one) => [one.author, one.committer])].flatMap((who) => who?.login ?? []),
      );
      return lastWords(
        reviews.flatMap((one) => said(one, merged.head.sha)),
        authors,
      );
    },
  };
};

function said(one: z.output<typeof review>, head: string): readonly Said[] {
  if (one.user === null) return [];
  const onHead = one.commit_id === head && one.stale !== true;
  const word = { by: one.user.login, onHead, at: timeOf(one.submitted_at) };
  if (one.dismissed === true) return [{ ...word, decision: undefined }];
  if (one.state === 'APPROVED') return [{ ...word, decision: 'approve' }];
  return one.state === 'REQUEST_CHANGES' ? [{ ...word, decision: 'request-changes' }] : [];
}

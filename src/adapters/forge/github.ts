/** Reviews of pull requests at GitHub (REST API 2022-11-28). */
import { z } from 'zod';
import { lastWords, timeOf, type FindChange, type Said } from './opinion.ts';

const user = z.object({ login: z.string() });
const pull = z.object({
  number: z.int(),
  user: user.nullable(),
  merged_at: z.string().nullable(),
  base: z.object({ ref: z.string() }),
  head: z.object({ sha: z.string() }),
});
const review = z.object({
  user: user.nullable(),
  state: z.string(),
  commit_id: z.string().nullable(),
  submitted_at: z.string().optional(),
});
const commit = z.object({ author: user.nullish(), committer: user.nullish() });

export const githubChange: FindChange = async (ask, { repository, commit: id, branch }) => {
  const pulls = await ask.all(`/repos/${repository}/commits/${id}/pulls`, pull);
  const merged = pulls.find(({ merged_at, base }) => merged_at !== null && base.ref === branch);
  if (merged === undefined) return undefined;
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

/** Comments leave the word before them standing; what is pending was not said yet. */
function said({ user: by, state, commit_id, submitted_at }: z.output<typeof review>, head: string): readonly Said[] {
  if (by === null || submitted_at === undefined) return [];
  const word = { by: by.login, onHead: commit_id === head, at: timeOf(submitted_at) };
  switch (state) {
    case 'APPROVED':
      return [{ ...word, decision: 'approve' }];
    case 'CHANGES_REQUESTED':
      return [{ ...word, decision: 'request-changes' }];
    case 'DISMISSED':
      return [{ ...word, decision: undefined }];
    default:
      return [];
  }
}

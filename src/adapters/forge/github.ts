/** Reviews of pull requests at GitHub (REST API 2022-11-28). */
import { z } from 'zod';
import { timeOf, type FindChange, type Said } from './opinion.ts';
import { account, opinionsOf, pullRequest } from './pull-request.ts';

const pullOfCommit = pullRequest.extend({ merged_at: z.string().nullable() });
const review = z.object({
  user: account,
  state: z.string(),
  commit_id: z.string().nullable(),
  submitted_at: z.string().optional(),
});

export const githubChange: FindChange = async (ask, { repository, commit, branch }) => {
  const pulls = await ask.all(`/repos/${repository}/commits/${commit}/pulls`, pullOfCommit);
  const pull = pulls.find(({ merged_at, base }) => merged_at !== null && base.ref === branch);
  if (pull === undefined) return undefined;
  return { number: pull.number, opinions: () => opinionsOf(ask, { repository, pull, review, said }) };
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

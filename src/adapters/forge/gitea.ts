/** Reviews of pull requests at Gitea and Forgejo. */
import { z } from 'zod';
import { timeOf, type FindChange, type Said } from './opinion.ts';
import { account, opinionsOf, pullRequest } from './pull-request.ts';

const pullOfCommit = pullRequest.extend({ merged: z.boolean() });
const review = z.object({
  user: account,
  state: z.string(),
  commit_id: z.string(),
  stale: z.boolean().optional(),
  dismissed: z.boolean().optional(),
  submitted_at: z.string(),
});

export const giteaChange: FindChange = async (ask, { repository, commit, branch }) => {
  const pull = await ask.one(`/repos/${repository}/commits/${commit}/pull`, pullOfCommit);
  if (pull === undefined || !pull.merged || pull.base.ref !== branch) return undefined;
  return { number: pull.number, opinions: () => opinionsOf(ask, { repository, pull, review, said }) };
};

function said(one: z.output<typeof review>, head: string): readonly Said[] {
  if (one.user === null) return [];
  const onHead = one.commit_id === head && one.stale !== true;
  const word = { by: one.user.login, onHead, at: timeOf(one.submitted_at) };
  if (one.dismissed === true) return [{ ...word, decision: undefined }];
  if (one.state === 'APPROVED') return [{ ...word, decision: 'approve' }];
  return one.state === 'REQUEST_CHANGES' ? [{ ...word, decision: 'request-changes' }] : [];
}

/** Approvals of merge requests at GitLab. */
import { z } from 'zod';
import { lastWords, timeOf, type FindChange } from './opinion.ts';

const user = z.object({ username: z.string() });
const request = z.object({ iid: z.int(), state: z.string(), target_branch: z.string(), author: user.nullable() });
const approvals = z.object({
  approved_by: z.array(z.object({ user, approved_at: z.string().nullish() })),
});
const version = z.object({ created_at: z.string() });

/**
 * GitLab does not say on which head an approval was given, so it counts when it was given after the last push; one without
 * a time (GitLab before 17) cannot be placed and does not count.
 */
export const gitlabChange: FindChange = async (ask, { repository, commit, branch }) => {
  const project = `/projects/${encodeURIComponent(repository)}`;
  const requests = await ask.all(`${project}/repository/commits/${commit}/merge_requests`, request);
  const merged = requests.find(({ state, target_branch }) => state === 'merged' && target_branch === branch);
  if (merged === undefined) return undefined;
  const path = `${project}/merge_requests/${merged.iid}`;
  return {
    number: merged.iid,
    async opinions() {
      const given = (await ask.one(`${path}/approvals`, approvals))?.approved_by ?? [];
      const pushes = (await ask.all(`${path}/versions`, version)).map(({ created_at }) => timeOf(created_at));
      const lastPush = pushes.length === 0 ? Infinity : Math.max(...pushes);
      const said = given.flatMap(({ user: by, approved_at }) => {
        if (typeof approved_at !== 'string') return [];
        const at = timeOf(approved_at);
        return [{ by: by.username, decision: 'approve' as const, onHead: at >= lastPush, at }];
      });
      return lastWords(said, new Set(merged.author === null ? [] : [merged.author.username]));
    },
  };
};

import { connect } from '../client.ts';
import { shortCommit } from '../text/format.ts';
import type { Act } from '../invocation.ts';
import { projectPath } from '../project.ts';

interface Accepted {
  readonly commit: string;
  readonly tree: string;
  readonly accepted: boolean;
}

export const act: Act = async (invocation) => {
  const commit = invocation.arguments[0]!;
  const { reason, tree } = invocation.options;
  const client = await connect(invocation);
  const answer = await client.post<Accepted>(`${await projectPath(invocation, client)}/accept`, {
    commit,
    reason: reason ?? 'no reason given',
    ...(typeof tree === 'string' ? { tree } : {}),
  });
  const what = `commit ${shortCommit(answer.commit)} with tree ${shortCommit(answer.tree)}`;
  invocation.output.answer(answer, () =>
    answer.accepted
      ? `accepted: ${what} may reach staging; the platform made it, you vouch for it`
      : `accepted: ${what}; other things still stand against it: liftlock verify ${shortCommit(answer.commit)}`,
  );
  return 0;
};

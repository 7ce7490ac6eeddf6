import type { FollowUpView } from '../../api/contract/break-glass.ts';
import { connect } from '../client.ts';
import { table } from '../text/format.ts';
import type { Act } from '../invocation.ts';
import { projectPath } from '../project.ts';

export const act: Act = async (invocation) => {
  const client = await connect(invocation);
  const answer = await client.get<{ followUps: readonly FollowUpView[] }>(
    `${await projectPath(invocation, client)}/follow-ups`,
  );
  invocation.output.answer(answer, () =>
    answer.followUps.length === 0
      ? 'there is nothing to look back at'
      : table(
          answer.followUps.map(({ id, breakGlass, dueAt, overdue, closed }) => [
            id,
            breakGlass,
            `${overdue ? 'was due' : 'due'} ${new Date(dueAt).toISOString()}`,
            closed === null
              ? overdue
                ? 'production is shut'
                : 'open'
              : `closed by ${closed.by}: ${closed.conclusion}`,
          ]),
        ),
  );
  return 0;
};

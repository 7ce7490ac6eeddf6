import type { ChangeRowView } from '../../api/contract/changes.ts';
import { connect } from '../client.ts';
import { ago, table } from '../text/format.ts';
import type { Act } from '../invocation.ts';
import { projectPath } from '../project.ts';

export const act: Act = async (invocation) => {
  const client = await connect(invocation);
  const view = await client.get<{ changes: readonly ChangeRowView[] }>(
    `${await projectPath(invocation, client)}/changes`,
    { limit: String(invocation.options['number']) },
  );
  invocation.output.answer(view, () => render(view.changes));
  return 0;
};

function render(changes: readonly ChangeRowView[]): string {
  if (changes.length === 0) return 'nothing has changed production yet';
  const now = Date.now();
  return table(
    changes.map((change) => [
      `${change.number}`,
      change.environment,
      `#${change.release.number}${change.kind === 'rollback' ? ' rollback' : ''}`,
      `${change.risk.level} risk`,
      change.outcome ?? change.state,
      ago(change.openedAt, now),
    ]),
  );
}

import type { WhyView } from '../../api/contract/explanations.ts';
import type { AnswerView } from '../../api/contract/promotions.ts';
import { approversText } from '../text/approvers.ts';
import { connect } from '../client.ts';
import { ago, span } from '../text/format.ts';
import type { Style } from '../output.ts';
import type { Act } from '../invocation.ts';
import { projectPath } from '../project.ts';

export const act: Act = async (invocation) => {
  const [release, environment] = invocation.arguments;
  const client = await connect(invocation);
  const view = await client.get<WhyView>(`${await projectPath(invocation, client)}/why`, { release, environment });
  invocation.output.answer(view, () => render(view, invocation.output.style));
  return 0;
};

function render(view: WhyView, style: Style): string {
  const lines = [style.bold(view.sentence), ''];
  for (const answer of view.answers) lines.push(...renderAnswer(answer, style));
  const approvers = approversText(view.approvers);
  if (approvers.length > 0) lines.push('', ...approvers);
  if (view.since !== null) lines.push('', `waiting for ${span(view.at - view.since)}`);
  if (view.lookAgainAt !== null)
    lines.push(`Liftlock looks again ${ago(view.lookAgainAt, view.at)} (${new Date(view.lookAgainAt).toISOString()})`);
  if (view.last !== null)
    lines.push(
      `last attempt: ${view.last.outcome} ${ago(view.last.endedAt ?? view.at, view.at)}${view.last.reason === null ? '' : `: ${view.last.reason}`}`,
    );
  return lines.join('\n');
}

export function renderAnswer({ gate, answer, because, unblock }: AnswerView, style: Style): readonly string[] {
  const word = { open: style.good('✓ open   '), waiting: style.warn('… waiting'), closed: style.bad('✗ closed ') }[
    answer
  ];
  const line = `  ${word}  ${gate.padEnd(10)} ${because}`;
  return unblock === null ? [line] : [line, `${' '.repeat(24)}→ ${unblock}`];
}

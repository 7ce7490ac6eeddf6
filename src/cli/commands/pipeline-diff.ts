import type { ProposalView } from '../../api/contract/changes.ts';
import { connect } from '../client.ts';
import type { Act } from '../invocation.ts';
import type { Style } from '../output.ts';
import { projectPath } from '../project.ts';

export const act: Act = async (invocation) => {
  const client = await connect(invocation);
  const view = await client.get<{ proposal: ProposalView | null }>(`${await projectPath(invocation, client)}/proposal`);
  invocation.output.answer(view, () =>
    view.proposal === null ? 'no pipeline waits for a second person' : render(view.proposal, invocation.output.style),
  );
  return view.proposal === null ? 0 : 8;
};

function render(proposal: ProposalView, style: Style): string {
  const weaker = proposal.weakenings.map(({ environment, sentence }) =>
    style.warn(`  ${environment === null ? '' : `${environment}: `}${sentence}`),
  );
  const lines = proposal.differs.map(({ sign, line }) => {
    const text = `${sign} ${line}`;
    return sign === '+' ? style.good(text) : style.bad(text);
  });
  return [
    style.bold(`proposed by ${proposal.proposedBy}, which asks for less:`),
    ...weaker,
    '',
    ...lines,
    '',
    `liftlock pipeline approve --digest ${proposal.digest}`,
  ].join('\n');
}

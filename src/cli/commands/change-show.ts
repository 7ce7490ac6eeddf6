import type { ChangeView } from '../../api/contract/changes.ts';
import { connect } from '../client.ts';
import { shortCommit } from '../text/format.ts';
import type { Act } from '../invocation.ts';
import type { Style } from '../output.ts';
import { projectPath } from '../project.ts';

/** As much of the record as a person reads first; `export` has all of it. */
interface Record {
  readonly plan: {
    readonly steps: readonly string[];
    readonly acceptedBy: string | null;
    readonly commits: readonly { readonly id: string; readonly subject: string }[] | null;
  };
  readonly notes: { readonly body: string; readonly acceptedBy: string | null } | null;
  readonly approvals: readonly { readonly actor: string; readonly decision: string; readonly reason: string }[];
  readonly gates: readonly { readonly gate: string; readonly answer: string; readonly because: string }[];
  readonly outcome: { readonly outcome: string | null; readonly reason: string | null };
}

export const act: Act = async (invocation) => {
  const client = await connect(invocation);
  const view = await client.get<ChangeView>(
    `${await projectPath(invocation, client)}/changes/${encodeURIComponent(invocation.arguments[0]!)}`,
  );
  invocation.output.answer(view, () => render(view, invocation.output.style));
  return 0;
};

function render(view: ChangeView, style: Style): string {
  const { plan, notes, approvals, gates, outcome } = view.document as unknown as Record;
  return [
    style.bold(`change ${view.number}: release #${view.release.number} into ${view.environment}`),
    `  ${view.kind}  ${view.promotion}`,
    `  outcome    ${outcome.outcome ?? view.state}${outcome.reason === null ? '' : `: ${outcome.reason.split('\n')[0]}`}`,
    `  risk       ${view.risk.level}`,
    ...view.risk.factors.map(({ sentence }) => `             ${sentence}`),
    '',
    `plan, accepted by ${plan.acceptedBy ?? 'nobody'}`,
    ...plan.steps.map((step, index) => `  ${index + 1}. ${step}`),
    ...(plan.commits ?? []).map(({ id, subject }) => `  ${shortCommit(id)} ${subject}`),
    '',
    'gates',
    ...gates.map(({ gate, because }) => `  ${gate.padEnd(12)} ${because}`),
    ...(approvals.length === 0 ? [] : ['', 'approvals']),
    ...approvals.map(({ actor, decision, reason }) => `  ${actor} ${decision}: ${reason}`),
    ...(notes === null ? [] : ['', `notes, accepted by ${notes.acceptedBy ?? 'nobody'}`, notes.body.trimEnd()]),
    '',
    `digest ${view.digest}`,
  ].join('\n');
}

/** Approve and reject differ in one word. */
import type { WhyView } from '../api/contract/explanations.ts';
import { connect } from './client.ts';
import type { Act } from './invocation.ts';
import { projectPath } from './project.ts';

interface Decided {
  readonly promotion: string;
  readonly planHash: string;
  readonly statement: string;
}

export const decideWith =
  (decision: 'approve' | 'reject'): Act =>
  async (invocation) => {
    const [release, environment] = invocation.arguments;
    const { reason, plan } = invocation.options;
    const client = await connect(invocation);
    const path = await projectPath(invocation, client);
    const answer = await client.post<Decided>(`${path}/environments/${encodeURIComponent(environment!)}/${decision}`, {
      release,
      reason: reason ?? 'no reason given',
      ...(typeof plan === 'string' ? { planHash: plan } : {}),
    });
    const why = await client.get<WhyView>(`${path}/why`, { release: release!, environment: environment! });
    const word = decision === 'approve' ? 'approved' : 'rejected';
    const gate = why.answers.find((one) => one.gate === 'approval');
    const missing = gate === undefined || gate.answer === 'open' ? null : gate.because;
    invocation.output.answer({ ...answer, missing }, () =>
      [
        `${word}: ${answer.promotion} (plan ${answer.planHash})`,
        `  statement: ${answer.statement}`,
        ...(missing === null || decision === 'reject' ? [] : [`  still missing: ${missing}`]),
      ].join('\n'),
    );
    return 0;
  };

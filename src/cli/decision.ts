/** Approve and reject differ in one word. */
import { connect } from './client.ts';
import type { Act } from './invocation.ts';
import { projectPath } from './project.ts';

export const decideWith =
  (decision: 'approve' | 'reject'): Act =>
  async (invocation) => {
    const [release, environment] = invocation.arguments;
    const { reason, plan } = invocation.options;
    const client = await connect(invocation);
    const answer = await client.post<{ promotion: string; planHash: string }>(
      `${await projectPath(invocation, client)}/environments/${encodeURIComponent(environment!)}/${decision}`,
      { release, reason: reason ?? 'no reason given', ...(typeof plan === 'string' ? { planHash: plan } : {}) },
    );
    const word = decision === 'approve' ? 'approved' : 'rejected';
    invocation.output.answer(answer, () => `${word}: ${answer.promotion} (plan ${answer.planHash})`);
    return 0;
  };

/** Approving and rejecting a proposed pipeline differ in one word. */
import { connect } from './client.ts';
import type { Act } from './invocation.ts';
import { projectPath } from './project.ts';

export const decidePipelineWith =
  (decision: 'approve' | 'reject'): Act =>
  async (invocation) => {
    const { reason, digest } = invocation.options;
    const client = await connect(invocation);
    const answer = await client.post<object>(`${await projectPath(invocation, client)}/${decision}-pipeline`, {
      reason: reason ?? 'no reason given',
      ...(typeof digest === 'string' ? { digest } : {}),
    });
    invocation.output.answer(answer, () =>
      decision === 'approve' ? 'the proposed pipeline is in force' : 'rejected; what is in force stays so',
    );
    return 0;
  };

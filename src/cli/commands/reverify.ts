import type { EvidenceView } from '../../api/contract/evidence.ts';
import { Failure } from '../../domain/base/failure.ts';
import { connect } from '../client.ts';
import { deadline } from '../promotion-wait.ts';
import type { Act } from '../invocation.ts';
import { projectPath } from '../project.ts';

interface VerificationView {
  readonly id: string;
  readonly state: 'waiting' | 'ended';
  readonly verdict: EvidenceView['verdict'] | null;
  readonly reason: string | null;
}

export const act: Act = async (invocation) => {
  const { output, options } = invocation;
  const environment = invocation.arguments[0]!;
  const client = await connect(invocation);
  const path = `${await projectPath(invocation, client)}/environments/${encodeURIComponent(environment)}`;
  const requested = await client.post<{ request: string; release: string }>(`${path}/verify`, {});
  if (options['wait'] === false) {
    output.answer(requested, () => `requested: ${requested.request}`);
    return 0;
  }
  output.progress(`verifying ${requested.release} in ${environment}`);
  const giveUpAt = deadline(options['timeout']);
  for (;;) {
    const view = await client.get<VerificationView>(`/api/v1/verifications/${requested.request}`);
    if (view.state === 'ended') {
      output.answer(view, () => `${view.verdict}: ${view.reason}`);
      return view.verdict === 'PASS' ? 0 : 5;
    }
    if (Date.now() > giveUpAt)
      throw new Failure(
        'wait/gave-up',
        `verification ${requested.request} has not ended after ${String(options['timeout'])}`,
        { hint: 'liftlock status' },
      );
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
};

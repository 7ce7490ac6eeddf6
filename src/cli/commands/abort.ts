import { connect } from '../client.ts';
import type { Act } from '../invocation.ts';

export const act: Act = async (invocation) => {
  const [promotion] = invocation.arguments;
  const client = await connect(invocation);
  const answer = await client.post<{ promotion: string; ended: boolean }>(
    `/api/v1/promotions/${encodeURIComponent(promotion!)}/abort`,
    { reason: invocation.options['reason'] ?? 'no reason given' },
  );
  invocation.output.answer(answer, () =>
    answer.ended ? `${promotion} is aborted` : `${promotion} is being stopped; what ran before will serve again`,
  );
  return 0;
};

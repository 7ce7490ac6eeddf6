import { connect } from '../client.ts';
import type { Act } from '../invocation.ts';

export const act: Act = async (invocation) => {
  const [passkey] = invocation.arguments;
  const client = await connect(invocation);
  const answer = await client.post<{ passkey: string }>('/api/v1/passkeys/remove', { passkey });
  invocation.output.answer(answer, () => `removed: ${answer.passkey}`);
  return 0;
};

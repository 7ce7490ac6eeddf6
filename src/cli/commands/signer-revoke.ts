import type { SignerView } from '../../api/contract/trust.ts';
import { confirm } from '../ask.ts';
import { connect } from '../client.ts';
import type { Act } from '../invocation.ts';

export const act: Act = async (invocation) => {
  const fingerprint = invocation.arguments[0]!;
  const { options, output } = invocation;
  output.progress(
    'What this key signed starts nothing any more, promotions that rest on it stop, and it is never added again.',
  );
  if (!(await confirm(invocation, `Revoke ${fingerprint}?`, `liftlock signer revoke ${fingerprint}`))) return 2;
  const client = await connect(invocation);
  const answer = await client.post<{ signer: SignerView; stopped: readonly string[] }>(
    `/api/v1/signers/${encodeURIComponent(fingerprint)}/revoke`,
    { reason: options['reason'] ?? 'no reason given' },
  );
  const stopped = answer.stopped.length === 0 ? 'nothing rested on it' : `stopped: ${answer.stopped.join(', ')}`;
  output.answer(answer, () => `${answer.signer.fingerprint} of ${answer.signer.owner} is revoked; ${stopped}`);
  return 0;
};

import type { EvidenceSignerView } from '../../api/contract/evidence.ts';
import { connect } from '../client.ts';
import type { Act } from '../invocation.ts';

export const act: Act = async (invocation) => {
  const { options, output } = invocation;
  const client = await connect(invocation);
  const signer = await client.post<EvidenceSignerView>(
    `/api/v1/evidence-signers/${encodeURIComponent(invocation.arguments[0]!)}/revoke`,
    { reason: options['reason'] ?? 'no reason given' },
  );
  output.answer(signer, () => `${signer.name} is believed no more; what it attested is only claimed now`);
  return 0;
};

import type { EvidenceSignerView } from '../../api/contract/evidence.ts';
import { connect } from '../client.ts';
import { table } from '../text/format.ts';
import type { Act } from '../invocation.ts';

interface SignersView {
  readonly signers: readonly EvidenceSignerView[];
  readonly installations: readonly { readonly key: string; readonly publicKey: string }[];
}

export const act: Act = async (invocation) => {
  const client = await connect(invocation);
  const view = await client.get<SignersView>('/api/v1/evidence-signers');
  invocation.output.answer(view, () => render(view));
  return 0;
};

function render({ signers, installations }: SignersView): string {
  const rows = signers.map((signer) => [
    signer.name,
    stateOf(signer),
    signer.kinds.join(','),
    signer.projects?.join(',') ?? 'every project',
    signer.key,
  ]);
  const own = installations.map(({ key }) => ['Liftlock', 'signs', '', '', key]);
  return table([...rows, ...own]);
}

function stateOf({ revokedAt, revokedBy, expiresAt }: EvidenceSignerView): string {
  if (revokedAt !== null) return `revoked by ${revokedBy ?? 'somebody'}`;
  if (expiresAt === null) return 'in force';
  return expiresAt <= Date.now() ? 'expired' : `until ${new Date(expiresAt).toISOString()}`;
}

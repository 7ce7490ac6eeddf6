import type { SignerView } from '../../api/contract/trust.ts';
import { connect } from '../client.ts';
import { table } from '../text/format.ts';
import type { Act } from '../invocation.ts';

export const act: Act = async (invocation) => {
  const client = await connect(invocation);
  const answer = await client.get<{ signers: readonly SignerView[] }>('/api/v1/signers');
  const now = Date.now();
  invocation.output.answer(answer, () =>
    answer.signers.length === 0
      ? 'no key is known yet: liftlock signer add <person> <file>'
      : table(
          answer.signers.map((signer) => [
            signer.platform ? `${signer.owner} (platform)` : signer.owner,
            signer.algorithm,
            signer.fingerprint,
            standing(signer, now),
          ]),
        ),
  );
  return 0;
};

function standing({ revoked, expiresAt, addedAt, addedBy }: SignerView, now: number): string {
  const day = (at: number) => new Date(at).toISOString().slice(0, 10);
  if (revoked !== null) return `revoked ${day(revoked.at)} by ${revoked.by}: ${revoked.reason}`;
  if (expiresAt !== null) return `${expiresAt <= now ? 'expired' : 'until'} ${day(expiresAt)}`;
  return `since ${day(addedAt)}, by ${addedBy}`;
}

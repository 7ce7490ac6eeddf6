import type { PasskeyView } from '../../api/contract/passkeys.ts';
import { connect } from '../client.ts';
import { ago, table } from '../text/format.ts';
import type { Act } from '../invocation.ts';

export const act: Act = async (invocation) => {
  const client = await connect(invocation);
  const answer = await client.get<{ passkeys: readonly PasskeyView[] }>('/api/v1/passkeys');
  const now = Date.now();
  invocation.output.answer(answer, () =>
    answer.passkeys.length === 0
      ? 'you have no passkey; one is enrolled in a browser, signed in'
      : table(
          answer.passkeys.map(({ id, name, createdAt, lastUsedAt }) => [
            id,
            name,
            `added ${ago(createdAt, now)}`,
            lastUsedAt === null ? 'never used' : `last used ${ago(lastUsedAt, now)}`,
          ]),
        ),
  );
  return 0;
};

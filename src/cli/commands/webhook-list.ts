import type { WebhookView } from '../../api/contract/webhooks.ts';
import { connect } from '../client.ts';
import { ago, table } from '../text/format.ts';
import type { Act } from '../invocation.ts';
import { projectPath } from '../project.ts';

export const act: Act = async (invocation) => {
  const client = await connect(invocation);
  const answer = await client.get<{ webhooks: readonly WebhookView[] }>(
    `${await projectPath(invocation, client)}/webhooks`,
  );
  const now = Date.now();
  invocation.output.answer(answer, () =>
    answer.webhooks.length === 0
      ? 'no webhook; the repository is polled all the same'
      : table(
          answer.webhooks.map(({ id, provider, createdBy, createdAt, endsAt, lastDeliveryAt }) => [
            id,
            provider,
            `added ${ago(createdAt, now)} by ${createdBy}`,
            lastDeliveryAt === null ? 'never used' : `last used ${ago(lastDeliveryAt, now)}`,
            endsAt === null ? '' : `ends ${ago(endsAt, now)}`,
          ]),
        ),
  );
  return 0;
};

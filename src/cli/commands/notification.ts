import type { NotificationInFull, NotificationView } from '../../api/contract/notifications.ts';
import { connect } from '../client.ts';
import { ago, table } from '../text/format.ts';
import type { Act, Invocation } from '../invocation.ts';

const path = '/api/v1/notifications';
const of = ({ arguments: [id] }: Invocation) => `${path}/${encodeURIComponent(id!)}`;

export const list: Act = async (invocation) => {
  const { options, config, output } = invocation;
  const text = (name: string) => (typeof options[name] === 'string' ? options[name] : undefined);
  const answer = await (
    await connect(invocation)
  ).get<{ notifications: readonly NotificationView[] }>(path, {
    project: text('project') ?? config.project,
    channel: text('channel'),
    state: text('state'),
    limit: text('number'),
  });
  const now = Date.now();
  output.answer(answer, () =>
    answer.notifications.length === 0
      ? 'nothing was told'
      : table(
          answer.notifications.map((one) => [
            one.id,
            ago(one.at, now),
            one.severity,
            placeOf(one),
            one.summary,
            one.foldedInto === null ? one.deliveries.map(deliveryText).join(', ') : `counted with ${one.foldedInto}`,
          ]),
        ),
  );
  return 0;
};

export const show: Act = async (invocation) => {
  const one = await (await connect(invocation)).get<NotificationInFull>(of(invocation));
  const now = Date.now();
  invocation.output.answer(one, () =>
    [
      `${one.severity}  ${placeOf(one)}: ${one.summary}  (${one.kind}, ${new Date(one.at).toISOString()})`,
      ...(one.couldDecide.length === 0 ? [] : [`could decide: ${one.couldDecide.join(', ')}`]),
      ...one.deliveries.map(
        (delivery) =>
          `${deliveryText(delivery)}${delivery.nextAt === null ? '' : `, next ${ago(delivery.nextAt, now)}`}${delivery.because === null ? '' : `: ${delivery.because}`}`,
      ),
      '',
      table(
        one.attempts.map((attempt) => [
          attempt.channel,
          `${attempt.round}.${attempt.number}`,
          new Date(attempt.begunAt).toISOString(),
          attempt.outcome ?? 'under way',
          attempt.status === null ? '' : String(attempt.status),
          attempt.because ?? '',
        ]),
      ),
    ].join('\n'),
  );
  return 0;
};

export const redeliver: Act = async (invocation) => {
  const { channel } = invocation.options;
  const answer = await (
    await connect(invocation)
  ).post<{ notification: string; channels: readonly string[] }>(
    `${of(invocation)}/redeliver`,
    typeof channel === 'string' ? { channel } : {},
  );
  invocation.output.answer(answer, () => `${answer.notification} goes once more to ${answer.channels.join(', ')}`);
  return 0;
};

function placeOf({ project, environment }: NotificationView): string {
  return [project, environment].filter((name) => name !== null).join(' ') || 'installation';
}

function deliveryText({ channel, state, attempts }: NotificationView['deliveries'][number]): string {
  return `${channel} ${state}${state === 'delivered' && attempts === 1 ? '' : ` (${attempts} attempts)`}`;
}

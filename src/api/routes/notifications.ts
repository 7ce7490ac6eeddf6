import type { Channel, ChannelSettings } from '../../domain/notification/channel.ts';
import { Failure } from '../../domain/base/failure.ts';
import type { ChannelId } from '../../domain/base/id.ts';
import { addChannelIn, removeChannelIn, testChannelIn } from '../../engine/notification/channels.ts';
import { findProject } from '../../engine/find.ts';
import { findNotification, redeliverIn } from '../../engine/notification/notifications.ts';
import type { Attempt, Delivery, StoredNotification } from '../../ports/notifications.ts';
import type { Transaction } from '../../ports/store.ts';
import {
  addChannel,
  listChannels,
  listNotifications,
  redeliver,
  removeChannel,
  showNotification,
  testChannel,
  type ChannelView,
  type NotificationView,
} from '../contract/notifications.ts';
import { command, judgedBy, query, type Route, type Visible } from '../route.ts';
import { acrossOrNamed, ofChannel, ofNotification, projectInBody } from '../subject.ts';

export function notificationRoutes(): readonly Route[] {
  return [
    judgedBy(
      projectInBody,
      command(addChannel, async (world, tx, { body, actor }) =>
        viewChannel(tx, await addChannelIn(world, tx, { ...body, project: body.project, actor }), 0),
      ),
    ),

    judgedBy(
      acrossOrNamed,
      query(listChannels, ({ store }, { query: { project: name }, visible }) =>
        store.transaction(async (tx) => {
          const project = name === undefined ? undefined : (await findProject(tx, name)).id;
          const channels = (await tx.channels.list()).filter((channel) =>
            project === undefined ? sees(visible, channel.project) : channel.project === project,
          );
          const dead = new Map((await tx.deliveries.dead()).map(({ channel, count }) => [channel, count]));
          const views: ChannelView[] = [];
          for (const one of channels) views.push(await viewChannel(tx, one, dead.get(one.id) ?? 0));
          return { channels: views };
        }),
      ),
    ),

    judgedBy(
      ofChannel,
      command(removeChannel, async (world, tx, { params, actor }) => {
        const { name } = await removeChannelIn(world, tx, { name: params.channel, actor });
        return { channel: name };
      }),
    ),

    judgedBy(
      ofChannel,
      command(testChannel, async (world, tx, { params, actor }) => {
        const { channel, at } = await testChannelIn(world, tx, { name: params.channel, actor });
        return { channel: channel.name, at };
      }),
    ),

    judgedBy(
      acrossOrNamed,
      query(listNotifications, ({ store }, { query: { project: name, channel, state, limit }, visible }) =>
        store.transaction(async (tx) => {
          const projects = name === undefined ? visible : [(await findProject(tx, name)).id];
          const notifications = await tx.notifications.list({
            ...(projects === 'every' ? {} : { projects }),
            ...(channel === undefined ? {} : { channel: await visibleChannel(tx, channel, visible) }),
            ...(state === undefined ? {} : { state }),
            limit,
          });
          return { notifications: await viewNotifications(tx, notifications) };
        }),
      ),
    ),

    judgedBy(
      ofNotification,
      query(showNotification, ({ store }, { params }) =>
        store.transaction(async (tx) => {
          const notification = await findNotification(tx, params.notification);
          const [view] = await viewNotifications(tx, [notification]);
          const attempts = [];
          for (const { id, channel } of await tx.deliveries.of(notification.id)) {
            const to = await nameOf(tx, channel);
            attempts.push(...(await tx.deliveries.attempts(id)).map((attempt) => viewAttempt(to, attempt)));
          }
          return { ...view!, attempts };
        }),
      ),
    ),

    judgedBy(
      ofNotification,
      command(redeliver, async (world, tx, { params, body, actor }) => {
        const again = await redeliverIn(world, tx, { ...params, channel: body.channel, actor });
        const channels: string[] = [];
        for (const { channel } of again) channels.push(await nameOf(tx, channel));
        return { notification: params.notification, channels };
      }),
    ),
  ];
}

/** Channels of the installation are for those who see all of it. */
function sees(visible: Visible, project: Channel['project']): boolean {
  return visible === 'every' || (project !== undefined && visible.includes(project));
}

/** One that the caller does not see does not exist for him. */
async function visibleChannel(tx: Transaction, name: string, visible: Visible): Promise<ChannelId> {
  const channel = await tx.channels.byName(name);
  if (channel !== undefined && sees(visible, channel.project)) return channel.id;
  throw new Failure('channel/unknown', `there is no channel ${name}`, { hint: 'liftlock channel list' });
}

async function viewChannel(tx: Transaction, channel: Channel, dead: number): Promise<ChannelView> {
  const { id, name, project, settings, routes, createdBy, createdAt, disabled } = channel;
  return {
    id,
    name,
    project: project === undefined ? null : ((await tx.projects.get(project))?.name ?? null),
    kind: settings.kind,
    to: placeOf(settings),
    routes: routes.map((route) => ({
      ...route,
      kinds: [...route.kinds],
      environments: [...route.environments],
    })),
    createdBy,
    createdAt,
    disabled: disabled ?? null,
    dead,
  };
}

/** The path of an address may be what entitles to send there. */
function placeOf(settings: ChannelSettings): string {
  switch (settings.kind) {
    case 'webhook': {
      const { protocol, host, pathname } = new URL(settings.url);
      return `${protocol}//${host}${pathname === '/' ? '' : '/…'}`;
    }
    case 'email':
      return [...settings.to, ...(settings.deciders ? ['those who could decide'] : [])].join(', ');
    case 'command':
      return 'a command on the machine that delivers';
  }
}

async function viewNotifications(
  tx: Transaction,
  notifications: readonly StoredNotification[],
): Promise<NotificationView[]> {
  const deliveries = await tx.deliveries.ofMany(notifications.map(({ id }) => id));
  const names = new Map<string, string>();
  for (const { channel } of deliveries) if (!names.has(channel)) names.set(channel, await nameOf(tx, channel));
  const views: NotificationView[] = [];
  for (const notification of notifications) {
    const { id, kind, severity, summary, project, environment, at, deciders, foldedInto } = notification;
    views.push({
      id,
      kind,
      severity,
      summary,
      project: project === undefined ? null : ((await tx.projects.get(project))?.name ?? null),
      environment: environment === undefined ? null : ((await tx.environments.get(environment))?.spec.name ?? null),
      at,
      couldDecide: [...deciders],
      foldedInto: foldedInto ?? null,
      deliveries: deliveries
        .filter((delivery) => delivery.notification === id)
        .map((delivery) => viewDelivery(names.get(delivery.channel)!, delivery)),
    });
  }
  return views;
}

/** One that was removed has its id left. */
async function nameOf(tx: Transaction, channel: ChannelId): Promise<string> {
  return (await tx.channels.get(channel))?.name ?? channel;
}

function viewDelivery(channel: string, delivery: Delivery): NotificationView['deliveries'][number] {
  const { state, attempts, because, dueAt, changedAt } = delivery;
  return { channel, state, attempts, because: because ?? null, nextAt: state === 'waiting' ? dueAt : null, changedAt };
}

function viewAttempt(channel: string, attempt: Attempt) {
  const { round, number, begunAt, endedAt, outcome, status, because, nextAt } = attempt;
  return {
    channel,
    round,
    number,
    begunAt,
    endedAt: endedAt ?? null,
    outcome: outcome ?? null,
    status: status ?? null,
    because: because ?? null,
    nextAt: nextAt ?? null,
  };
}

/** Channels, and what was told through them. */
import { z } from 'zod';
import { channelKinds, mailSecurities } from '../../domain/notification/channel.ts';
import { severities } from '../../domain/notification/severity.ts';
import { environmentKinds } from '../../domain/pipeline/environment.ts';
import { endpoint } from './endpoint.ts';
import { environmentName, instant, limit } from './words.ts';

const channelName = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,39}$/)
  .describe('Name of a channel: small letters, digits and "-".');
const secretName = z
  .string()
  .regex(/^[A-Z][A-Z0-9_]{0,79}$/)
  .describe('Name of a secret in the secret store of the machine that delivers.');
const address = z
  .string()
  .max(254)
  .regex(/^[^\s\p{Cc}<>()[\],;:"\\@]+@[^\s\p{Cc}<>()[\],;:"\\@]+$/u)
  .describe('One address, without a name.');
const line = z.string().regex(/^[^\p{Cc}]+$/u);

const settings = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('webhook'),
    url: z
      .string()
      .max(2_000)
      .regex(/^https?:\/\/[^\s/{}@?#\\]+(\/[^\s#]*)?$/)
      .describe('Where to. `{NAME}` in its path stands for the secret of that name.'),
    secret: secretName.describe('Name of the secret with which deliveries are signed.'),
  }),
  z.strictObject({
    kind: z.literal('email'),
    host: z
      .string()
      .max(253)
      .regex(/^[A-Za-z0-9][A-Za-z0-9.:-]*$/),
    port: z.int().min(1).max(65_535),
    security: z.enum(mailSecurities).describe('`none` only to hosts that the operator allows.'),
    user: line.max(254).optional(),
    secret: secretName.optional().describe('Name of the secret that is the password of the user.'),
    from: address,
    to: z.array(address).max(50),
    deciders: z.boolean().default(false).describe('Also to those who could decide what waits for a decision.'),
  }),
  z.strictObject({
    kind: z.literal('command'),
    command: z.string().trim().min(1).max(4_000),
    secret: secretName.optional().describe('Name of a secret that the command gets as a variable of that name.'),
  }),
]);
export type SettingsInput = z.input<typeof settings>;

const route = z.strictObject({
  atLeast: z.enum(severities).default('info'),
  kinds: z.array(z.enum(environmentKinds)).max(20).default([]).describe('Of any kind when empty.'),
  environments: z.array(environmentName).max(50).default([]).describe('Any when empty.'),
});

const channelView = z
  .object({
    id: z.string(),
    name: z.string(),
    project: z.string().nullable().describe('null: of the whole installation.'),
    kind: z.enum(channelKinds),
    to: z.string().describe('Where to, without what may be secret.'),
    routes: z.array(
      z.object({
        atLeast: z.enum(severities),
        kinds: z.array(z.enum(environmentKinds)),
        environments: z.array(z.string()),
      }),
    ),
    createdBy: z.string(),
    createdAt: instant,
    disabled: z.object({ at: instant, because: z.string() }).nullable(),
    dead: z.int().describe('How many notifications could not be delivered.'),
  })
  .meta({ id: 'Channel' });
export type ChannelView = z.output<typeof channelView>;

const channelParams = z.strictObject({ channel: channelName });
const scope = z.strictObject({ project: z.string().min(1).max(60).optional() });

export const addChannel = endpoint({
  name: 'channels.add',
  method: 'POST',
  path: '/api/v1/channels',
  permission: 'channel:manage',
  summary: 'Adds a channel. It hears of what happens from now on.',
  body: z.strictObject({
    project: z.string().min(1).max(60).optional().describe('The whole installation when absent.'),
    name: channelName,
    settings,
    routes: z.array(route).min(1).max(20).describe('One of them is enough.'),
  }),
  answer: channelView,
});

export const listChannels = endpoint({
  name: 'channels.list',
  method: 'GET',
  path: '/api/v1/channels',
  permission: 'channel:read',
  summary: 'The channels, without secrets.',
  query: scope,
  answer: z.object({ channels: z.array(channelView) }).meta({ id: 'Channels' }),
});

export const removeChannel = endpoint({
  name: 'channels.remove',
  method: 'POST',
  path: '/api/v1/channels/{channel}/remove',
  permission: 'channel:manage',
  summary: 'Removes a channel; what still waits for it is given up.',
  params: channelParams,
  answer: z.object({ channel: z.string() }).meta({ id: 'ChannelRemoved' }),
});

export const testChannel = endpoint({
  name: 'channels.test',
  method: 'POST',
  path: '/api/v1/channels/{channel}/test',
  permission: 'channel:manage',
  summary: 'Sends a notification through this channel alone.',
  params: channelParams,
  status: 202,
  answer: z
    .object({ channel: z.string(), at: instant.describe('The notification is the one of this time.') })
    .meta({ id: 'ChannelTested' }),
});

const deliveryView = z
  .object({
    channel: z.string(),
    state: z.enum(['waiting', 'delivered', 'dead']),
    attempts: z.int().describe('Since it was last begun.'),
    because: z.string().nullable().describe('Why the last attempt did not deliver it.'),
    nextAt: instant.nullable().describe('When it is tried next.'),
    changedAt: instant,
  })
  .meta({ id: 'Delivery' });

const notificationView = z
  .object({
    id: z.string(),
    kind: z.string().describe('Kind of the event.'),
    severity: z.enum(severities),
    summary: z.string(),
    project: z.string().nullable(),
    environment: z.string().nullable(),
    at: instant,
    couldDecide: z.array(z.string()),
    foldedInto: z.string().nullable().describe('The same was told shortly before: it is counted with that one.'),
    deliveries: z.array(deliveryView),
  })
  .meta({ id: 'Notification' });
export type NotificationView = z.output<typeof notificationView>;

export const listNotifications = endpoint({
  name: 'notifications.list',
  method: 'GET',
  path: '/api/v1/notifications',
  permission: 'notification:read',
  summary: 'What was told, newest first.',
  query: scope.extend({
    channel: channelName.optional(),
    state: z.enum(['waiting', 'delivered', 'dead']).optional().describe('With a delivery in this state.'),
    limit,
  }),
  answer: z.object({ notifications: z.array(notificationView) }).meta({ id: 'Notifications' }),
});

const notificationParams = z.strictObject({
  notification: z.string().min(1).max(60).describe('Id of a notification.'),
});

const attemptView = z.object({
  channel: z.string(),
  round: z.int(),
  number: z.int(),
  begunAt: instant,
  endedAt: instant.nullable(),
  outcome: z.enum(['delivered', 'failed', 'refused', 'gone', 'lost']).nullable().describe('null: under way.'),
  status: z.int().nullable().describe('Of HTTP, or an exit code.'),
  because: z.string().nullable(),
  nextAt: instant.nullable(),
});

export const showNotification = endpoint({
  name: 'notifications.show',
  method: 'GET',
  path: '/api/v1/notifications/{notification}',
  permission: 'notification:read',
  summary: 'One notification with every attempt to deliver it.',
  params: notificationParams,
  answer: notificationView.extend({ attempts: z.array(attemptView) }).meta({ id: 'NotificationInFull' }),
});
export type NotificationInFull = z.output<typeof showNotification.answer>;

export const redeliver = endpoint({
  name: 'notifications.redeliver',
  method: 'POST',
  path: '/api/v1/notifications/{notification}/redeliver',
  permission: 'notification:redeliver',
  summary: 'Delivers once more what could not be delivered; to the channel named even what was.',
  params: notificationParams,
  body: z.strictObject({ channel: channelName.optional() }),
  status: 202,
  answer: z.object({ notification: z.string(), channels: z.array(z.string()) }).meta({ id: 'Redelivered' }),
});

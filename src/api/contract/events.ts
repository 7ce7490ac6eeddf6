import { z } from 'zod';
import { endpoint } from './endpoint.ts';
import { environmentName, instant, limit, releaseLink } from './words.ts';

export const eventView = z
  .object({
    cursor: z.string().describe('The place in the log after which reading goes on.'),
    kind: z.string().describe('Past tense, dotted by noun: `promotion.started`.'),
    actor: z.string(),
    at: instant,
    project: z.string().nullable(),
    environment: z.string().nullable(),
    release: releaseLink.nullable(),
    promotion: z.string().nullable(),
    data: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'Event' });
export type EventView = z.output<typeof eventView>;

const project = z.string().min(1).max(60).optional().describe('Only events of this project.');
const promotion = z
  .string()
  .regex(/^prm_[0-9a-z]{16,32}$/)
  .optional()
  .describe('Only events of this promotion.');
const place = z.string().min(1).max(60);

export const listEvents = endpoint({
  name: 'events.list',
  method: 'GET',
  path: '/api/v1/events/list',
  permission: 'event:read',
  summary: 'The event log, searched, oldest first: its newest part, or what comes after or before a place.',
  query: z.strictObject({
    project,
    promotion,
    limit,
    kind: z
      .string()
      .regex(/^[a-z-]{1,40}(\.[a-z-]{1,40})?$/)
      .optional()
      .describe('Of this kind, such as `promotion.started`; a noun, such as `promotion`, stands for all of its kinds.'),
    actor: z.string().min(1).max(80).optional().describe('By this person, machine or part of the system.'),
    environment: environmentName.optional(),
    release: z
      .string()
      .regex(/^#?\d{1,9}$/)
      .optional()
      .describe('About the release of this number.'),
    since: z.coerce.number().int().min(0).max(8.64e15).optional().describe('Not before this time (ms).'),
    until: z.coerce.number().int().min(0).max(8.64e15).optional().describe('Before this time (ms).'),
    cursor: place
      .optional()
      .describe('Events after this place, oldest first; `beginning` for all there are. The newest when absent.'),
    before: place
      .optional()
      .describe('The newest events before this place, oldest of them first; not together with `cursor`.'),
  }),
  answer: z
    .object({
      events: z.array(eventView),
      cursor: z
        .string()
        .nullable()
        .describe('Give it as `cursor` to go on from here, now or later; null while the log is empty.'),
    })
    .meta({ id: 'Events' }),
});

/** In place of a cursor: before the first event. */
export const beginning = 'beginning';

export const followEvents = endpoint({
  name: 'events.follow',
  method: 'GET',
  path: '/api/v1/events',
  permission: 'event:read',
  summary:
    'The event log as it grows, as server-sent events: unnamed ones with an Event as data and its cursor as id. Goes on after `Last-Event-ID` or `after`. The event `resync` says that what was missed cannot be told, `beat` that nothing happened.',
  query: z.strictObject({ project, promotion, after: place.optional().describe('A cursor; the present when absent.') }),
  media: 'text/event-stream',
  answer: eventView,
});

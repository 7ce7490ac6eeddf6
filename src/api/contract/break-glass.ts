/** The way around named gates in an emergency, and the look back it obliges to. */
import { z } from 'zod';
import { endpoint } from './endpoint.ts';
import { environmentParams, instant, projectName, projectParams, reason, releaseLink, releaseName } from './words.ts';

const signed = z.object({ by: z.string(), at: instant });

export const breakGlassView = z
  .object({
    id: z.string(),
    environment: z.string(),
    release: releaseLink,
    gates: z.array(z.string()).describe('What it passes, and nothing else.'),
    reason: z.string(),
    incident: z.string(),
    requestedBy: z.string(),
    requestedAt: instant,
    expiresAt: instant,
    confirmed: signed.nullable().describe('The second person; nothing is passed before.'),
    used: z.object({ promotion: z.string(), at: instant }).nullable(),
  })
  .meta({ id: 'BreakGlass' });
export type BreakGlassView = z.output<typeof breakGlassView>;

export const requestBreakGlass = endpoint({
  name: 'break-glass.request',
  method: 'POST',
  path: '/api/v1/projects/{project}/environments/{environment}/break-glass',
  permission: 'break-glass:request',
  summary: 'Asks to pass named gates for one release in one environment. A second person has to confirm.',
  params: environmentParams,
  body: z.strictObject({
    release: releaseName,
    gates: z.array(z.string().min(1).max(40)).min(1).max(20),
    reason,
    incident: z.string().trim().min(1).max(1_000).describe('Address at which the emergency is written down.'),
    expiresIn: z.int().min(60_000).max(86_400_000).default(3_600_000).describe('Milliseconds; an hour when absent.'),
  }),
  answer: breakGlassView,
});

export const confirmBreakGlass = endpoint({
  name: 'break-glass.confirm',
  method: 'POST',
  path: '/api/v1/projects/{project}/environments/{environment}/break-glass/confirm',
  permission: 'break-glass:confirm',
  summary: 'The second person. What waits for one of the gates goes on at once.',
  params: environmentParams,
  body: z.strictObject({ breakGlass: z.string().min(1).max(60).describe('Id of a break-glass.') }),
  answer: breakGlassView,
});

export const listBreakGlasses = endpoint({
  name: 'break-glass.list',
  method: 'GET',
  path: '/api/v1/projects/{project}/break-glass',
  permission: 'promotion:read',
  summary: 'Every break-glass of the project, newest first.',
  params: projectParams,
  answer: z
    .object({
      allowed: z.boolean().describe('The pipeline in force lets two people pass gates: trust.breakGlass.'),
      passable: z.array(z.string()).describe('Gates that can be passed; no other ever is.'),
      breakGlasses: z.array(breakGlassView),
    })
    .meta({ id: 'BreakGlasses' }),
});

export type BreakGlassesView = z.output<typeof listBreakGlasses.answer>;

const followUpView = z
  .object({
    id: z.string(),
    breakGlass: z.string(),
    openedAt: instant,
    dueAt: instant,
    overdue: z.boolean().describe('Production takes no ordinary promotion while it is.'),
    closed: signed.extend({ conclusion: z.string() }).nullable(),
  })
  .meta({ id: 'FollowUp' });
export type FollowUpView = z.output<typeof followUpView>;

export const listFollowUps = endpoint({
  name: 'follow-ups.list',
  method: 'GET',
  path: '/api/v1/projects/{project}/follow-ups',
  permission: 'promotion:read',
  summary: 'What has to be looked back at after an emergency; open ones first.',
  params: projectParams,
  answer: z.object({ followUps: z.array(followUpView) }).meta({ id: 'FollowUps' }),
});

export const closeFollowUp = endpoint({
  name: 'follow-ups.close',
  method: 'POST',
  path: '/api/v1/projects/{project}/follow-ups/close',
  permission: 'follow-up:close',
  summary: 'Closes a follow-up with what was learnt.',
  params: z.strictObject({ project: projectName }),
  body: z.strictObject({ followUp: z.string().min(1).max(60).describe('Id of a follow-up.'), conclusion: reason }),
  answer: z.object({ followUp: z.string(), closed: z.literal(true) }).meta({ id: 'FollowUpClosed' }),
});

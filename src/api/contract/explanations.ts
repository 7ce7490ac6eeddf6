/** Why can or can't a release enter an environment, and what would change if it did. */
import { z } from 'zod';
import { endpoint } from './endpoint.ts';
import { answerView, promotionView } from './promotions.ts';
import {
  committedRelease,
  digest,
  environmentName,
  instant,
  projectParams,
  releaseName,
  titledRelease,
} from './words.ts';

const pair = z.strictObject({ release: releaseName, environment: environmentName });

const approversView = z
  .object({
    separation: z.enum(['two-person', 'none']),
    could: z.array(z.object({ handle: z.string(), roles: z.array(z.string()) })),
    short: z.int().describe('Approvals that would still be missing when all of these had given theirs.'),
    you: z
      .object({
        handle: z.string(),
        may: z.enum(['no', 'until-asked']).describe('until-asked: not any more once it is the caller who asks for it.'),
        because: z.string(),
        short: z.int().describe('The same, once the caller has asked for it.'),
      })
      .nullable()
      .describe('What the caller should know before he asks for it or approves it; null when there is nothing.'),
    unknownAuthors: z.array(z.string()).describe('Authors whose e-mail is no person here.'),
  })
  .nullable()
  .meta({ id: 'Approvers', description: 'Who could give the approvals that are missing; null when none is.' });
export type ApproversView = z.output<typeof approversView>;

export const whyView = z
  .object({
    project: z.string(),
    environment: z.string(),
    release: committedRelease,
    standing: z.enum(['running', 'deploying', 'waiting', 'closed', 'ready', 'not-requested']),
    sentence: z.string(),
    answers: z.array(answerView).describe('Every gate, in the order asked.'),
    promotion: promotionView.nullable(),
    last: promotionView.nullable().describe('The last attempt that ended.'),
    approvers: approversView,
    passable: z
      .array(z.string())
      .describe('Gates that two people could pass by break-glass; none where the pipeline does not allow it.'),
    since: instant.nullable(),
    lookAgainAt: instant.nullable(),
    at: instant,
  })
  .meta({ id: 'Why' });
export type WhyView = z.output<typeof whyView>;

export const showWhy = endpoint({
  name: 'projects.why',
  method: 'GET',
  path: '/api/v1/projects/{project}/why',
  permission: 'promotion:read',
  summary: 'Why a release can or cannot enter an environment.',
  params: projectParams,
  query: pair,
  answer: whyView,
});

const changes = z
  .object({ added: z.array(z.string()), changed: z.array(z.string()), removed: z.array(z.string()) })
  .meta({ id: 'Changes' });

export const planView = z
  .object({
    project: z.string(),
    environment: z.string(),
    release: titledRelease,
    replaces: titledRelease.nullable(),
    planHash: digest.describe('Approve exactly this.'),
    artifact: digest,
    direction: z.enum(['first', 'forward', 'back', 'again']),
    commits: z.array(z.object({ id: z.string(), subject: z.string(), author: z.string() })),
    migrations: changes,
    variables: changes,
    steps: z.array(z.string()),
    answers: z.array(answerView),
    approvers: approversView,
  })
  .meta({ id: 'Plan' });
export type PlanView = z.output<typeof planView>;

export const showPlan = endpoint({
  name: 'projects.plan',
  method: 'GET',
  path: '/api/v1/projects/{project}/plan',
  permission: 'promotion:read',
  summary: 'What would change if a release entered an environment.',
  params: projectParams,
  query: pair,
  answer: planView,
});

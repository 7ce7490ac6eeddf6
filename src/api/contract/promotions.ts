import { z } from 'zod';
import { outcomes, phases } from '../../domain/promotion/promotion.ts';
import { endpoint } from './endpoint.ts';
import { evidenceView } from './evidence.ts';
import { rolloutBrief } from './rollouts.ts';
import {
  cursor,
  environmentName,
  instant,
  limit,
  nextCursor,
  projectParams,
  reason,
  releaseLink,
  releaseName,
} from './words.ts';

export const answerView = z
  .object({
    gate: z.string(),
    answer: z.enum(['open', 'waiting', 'closed']),
    because: z.string(),
    unblock: z.string().nullable().describe('What would open it; null when it is open.'),
    waitsFor: z.enum(['time', 'person', 'upstream', 'turn', 'lookup']).nullable(),
    askAgainAt: instant.nullable(),
  })
  .meta({ id: 'GateAnswer' });
export type AnswerView = z.output<typeof answerView>;

export const promotionView = z
  .object({
    id: z.string(),
    environment: z.string(),
    release: releaseLink,
    kind: z.enum(['promotion', 'rollback']),
    origin: z.object({ by: z.enum(['trigger', 'person', 'engine']), detail: z.string() }),
    state: z.enum(['waiting', 'running', 'ended']),
    phase: z.enum(phases).nullable(),
    outcome: z.enum(outcomes).nullable(),
    reason: z.string().nullable(),
    stopping: z.boolean(),
    supersededBy: z.string().nullable(),
    rolledBackBy: z.string().nullable(),
    requestedAt: instant,
    startedAt: instant.nullable(),
    endedAt: instant.nullable(),
    answers: z.array(answerView).describe('What the gates said when last asked.'),
  })
  .meta({ id: 'Promotion' });
export type PromotionView = z.output<typeof promotionView>;

const promotionDetailView = promotionView
  .extend({
    evidence: z.array(evidenceView),
    rollout: rolloutBrief.nullable().describe('How far it has taken over, when it does so in steps.'),
  })
  .meta({ id: 'PromotionDetail' });
export type PromotionDetailView = z.output<typeof promotionDetailView>;

export const listPromotions = endpoint({
  name: 'promotions.list',
  method: 'GET',
  path: '/api/v1/projects/{project}/promotions',
  permission: 'promotion:read',
  summary: 'Promotions, newest first.',
  params: projectParams,
  query: z.strictObject({ environment: environmentName.optional(), limit, cursor: cursor.optional() }),
  answer: z.object({ promotions: z.array(promotionView), cursor: nextCursor }).meta({ id: 'Promotions' }),
});

export const createPromotion = endpoint({
  name: 'promotions.create',
  method: 'POST',
  path: '/api/v1/projects/{project}/promotions',
  permission: 'promotion:create',
  summary: 'Asks for a release in an environment; its gates still have to open.',
  params: projectParams,
  body: z.strictObject({ release: releaseName, environment: environmentName }),
  status: 202,
  answer: z
    .object({
      promotion: z.string(),
      held: z.boolean().describe('Automation of the environment is on hold now, because a newer release exists.'),
    })
    .meta({ id: 'PromotionRequested' }),
});

const promotionParams = z.strictObject({ promotion: z.string().min(1).max(60).describe('Id of a promotion.') });

export const showPromotion = endpoint({
  name: 'promotions.show',
  method: 'GET',
  path: '/api/v1/promotions/{promotion}',
  permission: 'promotion:read',
  summary: 'One promotion with its evidence.',
  params: promotionParams,
  answer: promotionDetailView,
});

export const abortPromotion = endpoint({
  name: 'promotions.abort',
  method: 'POST',
  path: '/api/v1/promotions/{promotion}/abort',
  permission: 'promotion:abort',
  summary: 'Withdraws a promotion. A waiting one ends at once; a running one puts back what ran before, and then ends.',
  params: promotionParams,
  body: z.strictObject({ reason }),
  status: 202,
  answer: z.object({ promotion: z.string(), ended: z.boolean() }).meta({ id: 'AbortRequested' }),
});

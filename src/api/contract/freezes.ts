import { z } from 'zod';
import { exemptions } from '../../domain/promotion/facts.ts';
import { endpoint } from './endpoint.ts';
import { environmentName, instant, reason } from './words.ts';

const freezeView = z
  .object({
    id: z.string(),
    project: z.string().nullable().describe('null: every project.'),
    environment: z.string().nullable().describe('null: every environment of the project.'),
    by: z.string(),
    reason: z.string(),
    from: instant,
    until: instant.nullable(),
    inForce: z.boolean().describe('False before it begins.'),
    exempt: z.array(z.enum(exemptions)).describe('What it does not stop.'),
  })
  .meta({ id: 'Freeze' });
export type FreezeView = z.output<typeof freezeView>;

export const listFreezes = endpoint({
  name: 'freezes.list',
  method: 'GET',
  path: '/api/v1/freezes',
  permission: 'freeze:read',
  summary: 'Freezes in force, and those that have yet to begin.',
  query: z.strictObject({ project: z.string().min(1).max(60).optional() }),
  answer: z.object({ freezes: z.array(freezeView) }).meta({ id: 'Freezes' }),
});

export const createFreeze = endpoint({
  name: 'freezes.create',
  method: 'POST',
  path: '/api/v1/freezes',
  permission: 'freeze:create',
  summary: 'Closes an environment, a project or everything to promotions. What it does not stop is a list.',
  body: z.strictObject({
    project: z.string().min(1).max(60).optional().describe('May be left out when there is only one.'),
    environment: environmentName.optional().describe('The whole project when absent.'),
    everything: z.boolean().default(false).describe('Every project.'),
    from: instant.min(0).max(8.64e15).optional().describe('Now when absent.'),
    until: instant.min(0).max(8.64e15).optional().describe('Until it is lifted when absent.'),
    exempt: z.array(z.enum(exemptions)).max(2).optional().describe('What it does not stop; both when absent.'),
    reason,
  }),
  answer: z.object({ freeze: z.string(), exempt: z.array(z.enum(exemptions)) }).meta({ id: 'FreezeSet' }),
});

export const liftFreeze = endpoint({
  name: 'freezes.lift',
  method: 'POST',
  path: '/api/v1/freezes/{freeze}/lift',
  permission: 'freeze:lift',
  summary: 'Lifts a freeze.',
  params: z.strictObject({ freeze: z.string().min(1).max(60).describe('Id of a freeze.') }),
  body: z.strictObject({ reason }),
  answer: z.object({ freeze: z.string() }).meta({ id: 'FreezeLifted' }),
});

/** How releases move through the environments: what comes next, and what stayed where for how long. */
import { z } from 'zod';
import { endpoint } from './endpoint.ts';
import { environmentName, instant, projectParams, releaseName, titledRelease } from './words.ts';

const arrivalView = z
  .object({
    environment: z.string(),
    release: titledRelease,
    is: z
      .enum(['deploying', 'automatic', 'ready', 'blocked'])
      .describe(
        '`automatic`: nobody has to do anything; `ready`: a person may ask for it; `deploying`: it is under way.',
      ),
    because: z.string(),
    at: instant.nullable().describe('When it starts by itself, or is judged again; null: no clock decides it.'),
  })
  .meta({ id: 'Arrival' });
export type ArrivalView = z.output<typeof arrivalView>;

export const listArrivals = endpoint({
  name: 'projects.arrivals',
  method: 'GET',
  path: '/api/v1/projects/{project}/arrivals',
  permission: 'promotion:read',
  summary:
    'What comes to each environment next, and what it waits for; environments to which nothing comes are left out.',
  params: projectParams,
  answer: z.object({ arrivals: z.array(arrivalView) }).meta({ id: 'Arrivals' }),
});

const occupancyView = z
  .object({
    environment: z.string(),
    release: titledRelease,
    from: instant,
    until: instant.nullable().describe('null: it still runs there.'),
  })
  .meta({ id: 'Occupancy' });
export type OccupancyView = z.output<typeof occupancyView>;

export const listOccupancies = endpoint({
  name: 'projects.occupancies',
  method: 'GET',
  path: '/api/v1/projects/{project}/occupancies',
  permission: 'promotion:read',
  summary: 'How long each release was what ran in an environment, the latest first.',
  params: projectParams,
  query: z.strictObject({ environment: environmentName.optional(), release: releaseName.optional() }),
  answer: z.object({ occupancies: z.array(occupancyView) }).meta({ id: 'Occupancies' }),
});

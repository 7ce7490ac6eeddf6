import { z } from 'zod';
import { endpoint } from './endpoint.ts';
import { instant, limit, projectName, projectParams } from './words.ts';

export const buildView = z
  .object({
    id: z.string(),
    number: z.int(),
    commit: z.string(),
    title: z.string(),
    author: z.string(),
    state: z.enum(['waiting', 'running', 'built', 'failed', 'errored']),
    reason: z.string().nullable(),
    release: z.string().nullable(),
    createdAt: instant,
    startedAt: instant.nullable(),
    endedAt: instant.nullable(),
  })
  .meta({ id: 'Build' });

export const listBuilds = endpoint({
  name: 'builds.list',
  method: 'GET',
  path: '/api/v1/projects/{project}/builds',
  permission: 'build:read',
  summary: 'The latest builds, newest first.',
  params: projectParams,
  query: z.strictObject({ limit }),
  answer: z.object({ builds: z.array(buildView) }).meta({ id: 'Builds' }),
});

export const retryBuild = endpoint({
  name: 'builds.retry',
  method: 'POST',
  path: '/api/v1/projects/{project}/builds/{number}/retry',
  permission: 'build:retry',
  summary: 'Builds a commit again whose build failed or errored.',
  params: z.strictObject({ project: projectName, number: z.coerce.number().int().min(1).max(2_147_483_647) }),
  status: 202,
  answer: z.object({ build: z.string(), number: z.int(), attempt: z.int() }).meta({ id: 'BuildRetry' }),
});

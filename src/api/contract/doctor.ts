/** What a server knows of its own health and of that of its projects, with what mends it. */
import { z } from 'zod';
import { endpoint } from './endpoint.ts';
import { projectParams } from './words.ts';

const finding = z
  .object({
    check: z.string().describe('What was looked at.'),
    result: z.enum(['ok', 'warning', 'problem']),
    found: z.string(),
    todo: z.string().nullable().describe('What mends it; null when nothing has to be done.'),
  })
  .meta({ id: 'CheckupFinding' });
export type FindingView = z.output<typeof finding>;

const answer = z.object({ findings: z.array(finding) }).meta({ id: 'Checkup' });

export const examineServer = endpoint({
  name: 'doctor.installation',
  method: 'GET',
  path: '/api/v1/doctor',
  permission: 'checkup:read',
  summary: 'Whether the installation has what it needs, each check tried now.',
  answer,
});

export const examineProject = endpoint({
  name: 'doctor.project',
  method: 'GET',
  path: '/api/v1/projects/{project}/doctor',
  permission: 'project:read',
  summary: 'Whether a project has what it needs, each check tried now.',
  params: projectParams,
  answer,
});

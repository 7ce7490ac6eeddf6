import { z } from 'zod';
import { endpoint } from './endpoint.ts';
import { problemDetail } from './problem.ts';
import { digest, instant, projectParams } from './words.ts';

export const projectView = z
  .object({
    id: z.string(),
    name: z.string(),
    source: z.string().describe('Address of the repository, without credentials.'),
    sourceError: z.string().nullable().describe('Why the repository could not be looked at, the last time.'),
    nextLookAt: instant,
    createdAt: instant,
  })
  .meta({ id: 'Project' });
export type ProjectView = z.output<typeof projectView>;

export const listProjects = endpoint({
  name: 'projects.list',
  method: 'GET',
  path: '/api/v1/projects',
  permission: 'project:read',
  summary: 'All projects.',
  answer: z.object({ projects: z.array(projectView) }).meta({ id: 'Projects' }),
});

export const applyPipeline = endpoint({
  name: 'projects.apply',
  method: 'POST',
  path: '/api/v1/projects',
  permission: 'project:apply',
  summary:
    'Puts a pipeline file in force, and makes its project known when it is new. The file in force, sent again, changes nothing.',
  body: z.strictObject({
    file: z.string().min(1).max(1_000).default('liftlock.yaml').describe('Name of the file, for messages.'),
    text: z.string().max(900_000).describe('The file as written.'),
    source: z.string().min(1).max(2_000).optional().describe('Git URL or absolute path; needed for a new project.'),
  }),
  answer: z
    .object({
      project: z.string(),
      changed: z.boolean(),
      created: z.boolean(),
      proposed: z
        .array(z.string())
        .nullable()
        .describe('What the file weakens, when it waits for a second person; what is in force stays so.'),
      environments: z.array(z.string()),
      warnings: z.array(problemDetail),
    })
    .meta({ id: 'AppliedPipeline' }),
});
export type AppliedView = z.output<typeof applyPipeline.answer>;

export const showPipeline = endpoint({
  name: 'projects.pipeline',
  method: 'GET',
  path: '/api/v1/projects/{project}/pipeline',
  permission: 'project:read',
  summary: 'The pipeline in force, as written.',
  params: projectParams,
  answer: z
    .object({
      project: z.string(),
      revision: z.string(),
      digest,
      text: z.string(),
      appliedBy: z.string(),
      appliedAt: instant,
    })
    .meta({ id: 'PipelineRevision' }),
});
export type PipelineView = z.output<typeof showPipeline.answer>;

export const notifyProject = endpoint({
  name: 'projects.notify',
  method: 'POST',
  path: '/api/v1/projects/{project}/notify',
  permission: 'source:notify',
  summary: 'A hint that the repository has changed: it is looked at now, in the background.',
  params: projectParams,
  status: 202,
  answer: z.object({ project: z.string(), id: z.string() }).meta({ id: 'Notified' }),
});

/** Paths of the API for the project that the command is about. */
import { Failure } from '../domain/base/failure.ts';
import type { ProjectView } from '../api/contract/projects.ts';
import type { Client } from './client.ts';
import type { Invocation } from './invocation.ts';

/** The project named by `--project` or LIFTLOCK_PROJECT, else the only one there is. */
export async function projectPath(invocation: Invocation, client: Client): Promise<string> {
  const named = invocation.options['project'] ?? invocation.config.project;
  if (typeof named === 'string') return `/api/v1/projects/${encodeURIComponent(named)}`;
  const { projects } = await client.get<{ projects: readonly ProjectView[] }>('/api/v1/projects');
  const [only] = projects;
  if (only !== undefined && projects.length === 1) return `/api/v1/projects/${encodeURIComponent(only.name)}`;
  if (only === undefined)
    throw new Failure('project/unknown', 'there is no project yet', {
      hint: 'liftlock up in a repository with a liftlock.yaml',
    });
  throw new Failure('project/unknown', `there are several projects: ${projects.map(({ name }) => name).join(', ')}`, {
    hint: 'name one with --project',
  });
}

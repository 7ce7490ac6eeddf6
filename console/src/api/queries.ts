/** What the screens show, one key for each thing; news make exactly what they touch old. */
import { QueryClient, useQuery, type UseQueryResult } from '@tanstack/react-query';
import type { StatusView } from '../../../src/api/contract/environments.ts';
import type { EventView } from '../../../src/api/contract/events.ts';
import type { ProjectView } from '../../../src/api/contract/projects.ts';
import type { SelfView } from '../../../src/api/contract/sign-in.ts';
import { look, pathOf, Refused } from './call.ts';

const keys = {
  self: ['self'] as const,
  projects: ['projects'] as const,
  project: (project: string) => ['project', project] as const,
  status: (project: string) => ['project', project, 'status'] as const,
};

export function createClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 30_000,
        // News come by themselves; asking at every look would only be load.
        refetchOnWindowFocus: false,
        retry: (failures, error) => failures < 3 && isPassing(error),
        retryDelay: (attempt) => Math.min(5_000, 300 * 2 ** attempt),
      },
    },
  });
}

/** The server is away, or too busy: it may be back. What it refuses it refuses again. */
function isPassing(error: unknown): boolean {
  return error instanceof Refused && (error.problem.status === 0 || error.problem.status >= 502);
}

export function useSelf(): UseQueryResult<SelfView> {
  return useQuery({ queryKey: keys.self, queryFn: ({ signal }) => look<SelfView>('/api/v1/me', signal) });
}

export function useProjects(): UseQueryResult<{ readonly projects: readonly ProjectView[] }> {
  return useQuery({ queryKey: keys.projects, queryFn: ({ signal }) => look('/api/v1/projects', signal) });
}

export function useStatus(project: string): UseQueryResult<StatusView> {
  return useQuery({
    queryKey: keys.status(project),
    queryFn: ({ signal }) => look<StatusView>(pathOf('/api/v1/projects/{project}/status', { project }), signal),
  });
}

/** Several events that come together cost one look. */
export function forget(client: QueryClient, event: EventView): void {
  void client.invalidateQueries({ queryKey: event.project === null ? keys.projects : keys.project(event.project) });
}

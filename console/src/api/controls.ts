/** What people set: freezes and vetoes, ways around gates, and what has to be looked back at. Holds and pins come with the status. */
import { useQuery, type UseQueryResult } from '@tanstack/react-query';
import type { BreakGlassesView, FollowUpView } from '../../../src/api/contract/break-glass.ts';
import type { FreezeView } from '../../../src/api/contract/freezes.ts';
import type { VetoView } from '../../../src/api/contract/releases.ts';
import { look, pathOf } from './call.ts';
import { keys, useOfProject } from './queries.ts';

export function useFreezes(project: string): UseQueryResult<{ readonly freezes: readonly FreezeView[] }> {
  return useQuery({
    // Whoever is of some projects alone is not told of a freeze of everything.
    queryKey: [...keys.project(project), 'freezes'],
    queryFn: ({ signal }) => look(`/api/v1/freezes?${new URLSearchParams({ project }).toString()}`, signal),
    refetchInterval: 30_000,
  });
}

export function useVetoes(project: string): UseQueryResult<{ readonly vetoes: readonly VetoView[] }> {
  return useOfProject(project, pathOf('/api/v1/projects/{project}/vetoes', { project }));
}

export function useBreakGlasses(project: string): UseQueryResult<BreakGlassesView> {
  return useOfProject(project, pathOf('/api/v1/projects/{project}/break-glass', { project }));
}

export function useFollowUps(project: string): UseQueryResult<{ readonly followUps: readonly FollowUpView[] }> {
  return useOfProject(project, pathOf('/api/v1/projects/{project}/follow-ups', { project }));
}

/** How releases move: what comes next, and what stayed where. */
import { useQuery, type UseQueryResult } from '@tanstack/react-query';
import type { ArrivalView, OccupancyView } from '../../../src/api/contract/flow.ts';
import { look, pathOf } from './call.ts';
import { keys } from './queries.ts';

export function useArrivals(project: string): UseQueryResult<{ readonly arrivals: readonly ArrivalView[] }> {
  return useQuery({
    queryKey: [...keys.project(project), 'arrivals'],
    queryFn: ({ signal }) => look(pathOf('/api/v1/projects/{project}/arrivals', { project }), signal),
  });
}

/** Of one environment, or of one release. */
export function useOccupancies(
  project: string,
  of: { readonly environment: string } | { readonly release: string },
): UseQueryResult<{ readonly occupancies: readonly OccupancyView[] }> {
  const asked = new URLSearchParams({ ...of }).toString();
  return useQuery({
    queryKey: [...keys.project(project), 'occupancies', asked],
    queryFn: ({ signal }) => look(`${pathOf('/api/v1/projects/{project}/occupancies', { project })}?${asked}`, signal),
  });
}

/** How releases move: what comes next, and what stayed where. */
import type { UseQueryResult } from '@tanstack/react-query';
import type { ArrivalView, OccupancyView } from '../../../src/api/contract/flow.ts';
import { pathOf } from './call.ts';
import { useOfProject } from './queries.ts';

export function useArrivals(project: string): UseQueryResult<{ readonly arrivals: readonly ArrivalView[] }> {
  return useOfProject(project, pathOf('/api/v1/projects/{project}/arrivals', { project }));
}

/** Of one environment, or of one release. */
export function useOccupancies(
  project: string,
  of: { readonly environment: string } | { readonly release: string },
): UseQueryResult<{ readonly occupancies: readonly OccupancyView[] }> {
  const asked = new URLSearchParams({ ...of }).toString();
  return useOfProject(project, `${pathOf('/api/v1/projects/{project}/occupancies', { project })}?${asked}`);
}

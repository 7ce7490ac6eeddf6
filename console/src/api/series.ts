/** The course of a rollout: what is new is added to what was loaded before. */
import { useQuery, useQueryClient, type UseQueryResult } from '@tanstack/react-query';
import type { RolloutSeriesView } from '../../../src/api/contract/rollouts.ts';
import { look, pathOf } from './call.ts';
import { keys } from './queries.ts';

/** As many as a chart can show; with twice as many it is loaded anew, merged. */
const points = 240;

export function useSeries(project: string, environment: string): UseQueryResult<RolloutSeriesView> {
  const client = useQueryClient();
  const queryKey = [...keys.rollout(project, environment), 'series'];
  const path = pathOf('/api/v1/projects/{project}/environments/{environment}/rollout/series', { project, environment });
  return useQuery({
    queryKey,
    queryFn: async ({ signal }) => {
      const before = client.getQueryData<RolloutSeriesView>(queryKey);
      const last = before?.points.at(-1);
      if (before === undefined || last === undefined || before.points.length > 2 * points)
        return look<RolloutSeriesView>(`${path}?points=${points}`, signal);
      const after = await look<RolloutSeriesView>(`${path}?points=${points}&after=${last.at}`, signal);
      if (after.promotion !== before.promotion) return look<RolloutSeriesView>(`${path}?points=${points}`, signal);
      return { ...after, points: [...before.points, ...after.points] };
    },
    refetchInterval: ({ state }) => (state.data?.running === true ? 2_000 : false),
  });
}

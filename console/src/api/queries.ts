/** What the screens show, one key for each thing; news make exactly what they touch old. */
import { QueryClient, useQuery, type QueryKey, type UseQueryResult } from '@tanstack/react-query';
import type { StatusView } from '../../../src/api/contract/environments.ts';
import type { EventView } from '../../../src/api/contract/events.ts';
import type { PlanView, WhyView } from '../../../src/api/contract/explanations.ts';
import type { ProjectView } from '../../../src/api/contract/projects.ts';
import type { PromotionView } from '../../../src/api/contract/promotions.ts';
import type { ReleaseDetailView, ReleaseView } from '../../../src/api/contract/releases.ts';
import type { RolloutView } from '../../../src/api/contract/rollouts.ts';
import type { SelfView } from '../../../src/api/contract/sign-in.ts';
import { look, pathOf, Refused } from './call.ts';

export const keys = {
  self: ['self'] as const,
  /** Whatever is not of one project. */
  installation: ['installation'] as const,
  projects: ['installation', 'projects'] as const,
  events: ['events'] as const,
  everyProject: ['project'] as const,
  project: (project: string) => ['project', project] as const,
  status: (project: string) => ['project', project, 'status'] as const,
  releases: (project: string) => ['project', project, 'releases'] as const,
  promotions: (project: string) => ['project', project, 'promotions'] as const,
  rollout: (project: string, environment: string) => ['project', project, 'rollout', environment] as const,
  release: (project: string, release: string) => ['project', project, 'release', release] as const,
  plan: (project: string, pair: Pair) => ['project', project, 'plan', pair.release, pair.environment] as const,
  why: (project: string, pair: Pair) => ['project', project, 'why', pair.release, pair.environment] as const,
  history: (project: string, environment: string) => ['project', project, 'history', environment] as const,
  targets: (project: string, environment: string) => ['project', project, 'targets', environment] as const,
};

export interface Pair {
  readonly release: string;
  readonly environment: string;
}

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

/** To choose from; none while they are on their way. */
export function useProjectNames(): readonly string[] {
  return (useProjects().data?.projects ?? []).map(({ name }) => name);
}

/** Nothing is asked while the project is not known. */
export function useStatus(project: string | undefined): UseQueryResult<StatusView> {
  return useQuery({
    queryKey: keys.status(project ?? ''),
    queryFn: ({ signal }) =>
      look<StatusView>(pathOf('/api/v1/projects/{project}/status', { project: project ?? '' }), signal),
    enabled: project !== undefined,
    refetchInterval: ({ state: { data } }) => (data === undefined ? false : freezeChangesIn(data)),
  });
}

const hourMs = 3_600_000;

/** Milliseconds until a freeze begins or is over, which is no news of anybody. */
function freezeChangesIn({ at, environments }: StatusView): number | false {
  const times = environments.flatMap(({ freezes, freezesAhead }) => [
    ...freezes.flatMap(({ until }) => until ?? []),
    ...freezesAhead.map((freeze) => freeze.at),
  ]);
  return times.length === 0 ? false : Math.min(hourMs, Math.max(1_000, Math.min(...times) - at + 500));
}

/** The newest ones. */
export function useReleases(
  project: string | undefined,
): UseQueryResult<{ readonly releases: readonly ReleaseView[] }> {
  return useQuery({
    queryKey: keys.releases(project ?? ''),
    queryFn: ({ signal }) =>
      look(`${pathOf('/api/v1/projects/{project}/releases', { project: project ?? '' })}?limit=200`, signal),
    enabled: project !== undefined,
  });
}

/** The newest ones of every environment; `cursor` is null when there are no more. */
export function usePromotions(
  project: string,
): UseQueryResult<{ readonly promotions: readonly PromotionView[]; readonly cursor: string | null }> {
  return useQuery({
    queryKey: keys.promotions(project),
    queryFn: ({ signal }) => look(`${pathOf('/api/v1/projects/{project}/promotions', { project })}?limit=200`, signal),
  });
}

/** What is measured changes without news. */
export function useRollout(project: string, environment: string): UseQueryResult<RolloutView> {
  return useQuery({
    queryKey: keys.rollout(project, environment),
    queryFn: ({ signal }) =>
      look<RolloutView>(
        pathOf('/api/v1/projects/{project}/environments/{environment}/rollout', { project, environment }),
        signal,
      ),
    refetchInterval: ({ state }) => (state.data?.running === true ? 2_000 : false),
  });
}

export function useRelease(project: string, release: string): UseQueryResult<ReleaseDetailView> {
  return useQuery({
    queryKey: keys.release(project, release),
    queryFn: ({ signal }) =>
      look(pathOf('/api/v1/projects/{project}/releases/{release}', { project, release }), signal),
  });
}

export function usePlan(project: string, pair: Pair): UseQueryResult<PlanView> {
  return useQuery({
    queryKey: keys.plan(project, pair),
    queryFn: ({ signal }) => look(`${pathOf('/api/v1/projects/{project}/plan', { project })}?${search(pair)}`, signal),
  });
}

export function useWhy(project: string, pair: Pair): UseQueryResult<WhyView> {
  return useQuery({
    queryKey: keys.why(project, pair),
    queryFn: ({ signal }) => look(`${pathOf('/api/v1/projects/{project}/why', { project })}?${search(pair)}`, signal),
  });
}

export function useHistory(
  project: string,
  environment: string,
): UseQueryResult<{ readonly promotions: readonly PromotionView[] }> {
  return useQuery({
    queryKey: keys.history(project, environment),
    queryFn: ({ signal }) =>
      look(
        `${pathOf('/api/v1/projects/{project}/promotions', { project })}?${search({ environment, limit: '50' })}`,
        signal,
      ),
  });
}

export function useRollbackTargets(
  project: string,
  environment: string,
): UseQueryResult<{ readonly targets: readonly (ReleaseView & { readonly lastUntil: number | null })[] }> {
  return useQuery({
    queryKey: keys.targets(project, environment),
    queryFn: ({ signal }) =>
      look(
        pathOf('/api/v1/projects/{project}/environments/{environment}/rollback-targets', { project, environment }),
        signal,
      ),
  });
}

/** What has no key of its own; any news of the project make it old. */
export function useOfProject<Answer>(project: string, path: string): UseQueryResult<Answer> {
  return useQuery({
    queryKey: [...keys.project(project), path],
    queryFn: ({ signal }) => look<Answer>(path, signal),
  });
}

function search(values: Readonly<Record<string, string>> | Pair): string {
  return new URLSearchParams(Object.entries(values)).toString();
}

/** What an event makes old. Rights are about a project, and shown where everybody is; a freeze of no project is of all of them. */
export function touchedBy({ project, kind }: Pick<EventView, 'project' | 'kind'>): readonly QueryKey[] {
  const isAboutRights = /^(person|grant|machine)\./.test(kind);
  return [
    keys.events,
    ...(project === null || isAboutRights ? [keys.installation] : []),
    ...(project === null ? [] : [keys.project(project)]),
    ...(project === null && kind.startsWith('freeze.') ? [keys.everyProject] : []),
    ...(isAboutRights ? [keys.self] : []),
  ];
}

/** What people say before a deployment; see queries.ts for what the system says. */
import type { UseQueryResult } from '@tanstack/react-query';
import type { NotesView } from '../../../src/api/contract/changes.ts';
import type { EvidenceListView } from '../../../src/api/contract/evidence.ts';
import type { ReviewableView, SuppressionView } from '../../../src/api/contract/reviews.ts';
import { pathOf } from './call.ts';
import { useOfProject, type Pair } from './queries.ts';

export function useReviewable(project: string, { release, environment }: Pair): UseQueryResult<ReviewableView> {
  const path = pathOf('/api/v1/projects/{project}/releases/{release}/reviews', { project, release });
  return useOfProject(project, `${path}?${new URLSearchParams({ environment }).toString()}`);
}

export function useNotes(project: string, { release, environment }: Pair): UseQueryResult<NotesView> {
  const path = pathOf('/api/v1/projects/{project}/environments/{environment}/notes', { project, environment });
  return useOfProject(project, `${path}?${new URLSearchParams({ release }).toString()}`);
}

export function useEvidenceList(project: string, release: string): UseQueryResult<EvidenceListView> {
  return useOfProject(project, pathOf('/api/v1/projects/{project}/releases/{release}/evidence', { project, release }));
}

export function useSuppressions(
  project: string,
): UseQueryResult<{ readonly suppressions: readonly SuppressionView[] }> {
  return useOfProject(project, pathOf('/api/v1/projects/{project}/suppressions', { project }));
}

/** The pipeline file in force, and the one that waits for a second person. */
import { useQuery, type UseQueryResult } from '@tanstack/react-query';
import type { ProposalView } from '../../../src/api/contract/changes.ts';
import type { PipelineView } from '../../../src/api/contract/projects.ts';
import { look, pathOf } from './call.ts';
import { keys } from './queries.ts';

export function usePipelineFile(project: string): UseQueryResult<PipelineView> {
  return useOf(project, 'pipeline');
}

export function useProposal(project: string): UseQueryResult<{ readonly proposal: ProposalView | null }> {
  return useOf(project, 'proposal');
}

function useOf<Answer>(project: string, what: string): UseQueryResult<Answer> {
  return useQuery({
    queryKey: [...keys.project(project), what],
    queryFn: ({ signal }) => look<Answer>(`${pathOf('/api/v1/projects/{project}', { project })}/${what}`, signal),
  });
}

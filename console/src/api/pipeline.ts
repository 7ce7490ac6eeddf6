/** The pipeline file in force, and the one that waits for a second person. */
import type { UseQueryResult } from '@tanstack/react-query';
import type { ProposalView } from '../../../src/api/contract/changes.ts';
import type { PipelineView } from '../../../src/api/contract/projects.ts';
import { pathOf } from './call.ts';
import { useOfProject } from './queries.ts';

export function usePipelineFile(project: string): UseQueryResult<PipelineView> {
  return useOfProject(project, pathOf('/api/v1/projects/{project}/pipeline', { project }));
}

export function useProposal(project: string): UseQueryResult<{ readonly proposal: ProposalView | null }> {
  return useOfProject(project, pathOf('/api/v1/projects/{project}/proposal', { project }));
}

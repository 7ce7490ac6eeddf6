/** What people read and accept before a deployment, and the record of what changed production. */
import { z } from 'zod';
import { outcomes } from '../../domain/promotion/promotion.ts';
import { endpoint } from './endpoint.ts';
import {
  cursor,
  digest,
  environmentParams,
  instant,
  limit,
  nextCursor,
  projectParams,
  reason,
  releaseLink,
  releaseName,
} from './words.ts';

const notesView = z
  .object({
    project: z.string(),
    environment: z.string(),
    release: z.int(),
    body: z.string().describe('Markdown.'),
    digest: digest.describe('Accept exactly this.'),
    source: z.enum(['generated', 'written']),
    by: z.string(),
    at: instant.nullable().describe('null while they are only what would be generated now.'),
    acceptedBy: z.string().nullable(),
    acceptedAt: instant.nullable(),
  })
  .meta({ id: 'ReleaseNotes' });
export type NotesView = z.output<typeof notesView>;

export const showNotes = endpoint({
  name: 'notes.show',
  method: 'GET',
  path: '/api/v1/projects/{project}/environments/{environment}/notes',
  permission: 'promotion:read',
  summary: 'Release notes of a release for this environment: what is recorded, or what would be generated.',
  params: environmentParams,
  query: z.strictObject({ release: releaseName }),
  answer: notesView,
});

export const writeNotes = endpoint({
  name: 'notes.write',
  method: 'POST',
  path: '/api/v1/projects/{project}/environments/{environment}/notes',
  permission: 'notes:write',
  summary: 'Release notes in a person’s own words; they have to be accepted again.',
  params: environmentParams,
  body: z.strictObject({ release: releaseName, body: z.string().trim().min(1).max(100_000) }),
  answer: notesView,
});

export const acceptNotes = endpoint({
  name: 'notes.accept',
  method: 'POST',
  path: '/api/v1/projects/{project}/environments/{environment}/accept-notes',
  permission: 'notes:accept',
  summary: 'Accepts the release notes that were read.',
  params: environmentParams,
  body: z.strictObject({
    release: releaseName,
    digest: digest.optional().describe('The text that was read; refused when it is another one by now.'),
  }),
  answer: notesView,
});

export const acceptPlan = endpoint({
  name: 'plans.accept',
  method: 'POST',
  path: '/api/v1/projects/{project}/environments/{environment}/accept-plan',
  permission: 'plan:accept',
  summary: 'Accepts the plan of the promotion that waits.',
  params: environmentParams,
  body: z.strictObject({
    release: releaseName,
    planHash: digest.optional().describe('The plan that was read; refused when it is another one by now.'),
    reason: reason.optional(),
  }),
  answer: z.object({ promotion: z.string(), planHash: digest }).meta({ id: 'PlanAccepted' }),
});

const changeRow = z
  .object({
    number: z.int(),
    environment: z.string(),
    release: releaseLink,
    promotion: z.string(),
    kind: z.enum(['promotion', 'rollback']),
    risk: z.object({
      level: z.enum(['low', 'medium', 'high']),
      factors: z.array(z.object({ weight: z.int(), sentence: z.string() })),
    }),
    state: z.enum(['waiting', 'running', 'ended']),
    outcome: z.enum(outcomes).nullable(),
    openedAt: instant,
    endedAt: instant.nullable(),
  })
  .meta({ id: 'ChangeRow' });
export type ChangeRowView = z.output<typeof changeRow>;

const changeView = changeRow
  .extend({
    document: z.json().describe('The whole record: what was known at the start, and what came of it.'),
    digest: digest.describe('SHA-256 of the canonical JSON of the document.'),
  })
  .meta({ id: 'Change' });
export type ChangeView = z.output<typeof changeView>;

export const listChanges = endpoint({
  name: 'changes.list',
  method: 'GET',
  path: '/api/v1/projects/{project}/changes',
  permission: 'change:read',
  summary: 'What changed production, newest first.',
  params: projectParams,
  query: z.strictObject({ limit, cursor: cursor.optional() }),
  answer: z.object({ changes: z.array(changeRow), cursor: nextCursor }).meta({ id: 'ChangeList' }),
});

export const showChange = endpoint({
  name: 'changes.show',
  method: 'GET',
  path: '/api/v1/projects/{project}/changes/{change}',
  permission: 'change:read',
  summary: 'One change record, whole.',
  params: projectParams.extend({ change: z.string().min(1).max(60).describe('Its number, or the promotion.') }),
  answer: changeView,
});

const proposalView = z
  .object({
    project: z.string(),
    proposal: z.string(),
    digest,
    proposedBy: z.string(),
    proposedAt: instant,
    weakenings: z.array(z.object({ what: z.string(), environment: z.string().nullable(), sentence: z.string() })),
    text: z.string().describe('The file that is proposed.'),
    inForce: z.string().describe('The file in force.'),
    differs: z
      .array(z.object({ sign: z.enum(['+', '-']), line: z.string() }))
      .describe('The lines in which both differ, in their order.'),
  })
  .meta({ id: 'PipelineProposal' });
export type ProposalView = z.output<typeof proposalView>;

export const showProposal = endpoint({
  name: 'projects.proposal',
  method: 'GET',
  path: '/api/v1/projects/{project}/proposal',
  permission: 'project:read',
  summary: 'A pipeline that asks for less than the one in force, and waits for a second person.',
  params: projectParams,
  answer: z.object({ proposal: proposalView.nullable() }).meta({ id: 'Proposal' }),
});

const read = digest.optional().describe('The proposal that was read; refused when it is another one by now.');

export const approvePipeline = endpoint({
  name: 'projects.approve-pipeline',
  method: 'POST',
  path: '/api/v1/projects/{project}/approve-pipeline',
  permission: 'pipeline:decide',
  summary: 'Puts the proposed pipeline in force; by somebody else than who proposed it.',
  params: projectParams,
  body: z.strictObject({ digest: read, reason }),
  answer: z.object({ project: z.string(), revision: z.string() }).meta({ id: 'PipelineApproved' }),
});

export const rejectPipeline = endpoint({
  name: 'projects.reject-pipeline',
  method: 'POST',
  path: '/api/v1/projects/{project}/reject-pipeline',
  permission: 'pipeline:decide',
  summary: 'Ends the proposal, also by who made it; what is in force stays so.',
  params: projectParams,
  body: z.strictObject({ digest: read, reason }),
  answer: z.object({ proposal: z.string() }).meta({ id: 'PipelineRejected' }),
});

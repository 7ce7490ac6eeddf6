/** R19: a pipeline that weakens something waits for a second person; approving puts it in force, rejecting ends it. */
import { canonicalJson, type Digest } from '../../domain/base/digest.ts';
import { withoutCredentials } from '../../domain/base/hidden.ts';
import { Failure } from '../../domain/base/failure.ts';
import { linesThatDiffer } from '../../domain/base/line-diff.ts';
import type { Pipeline } from '../../domain/pipeline/pipeline.ts';
import { weakenings, type Weakening } from '../../domain/pipeline/weakenings.ts';
import type { PipelineProposal } from '../../ports/gate-records.ts';
import type { PipelineRevision, Project } from '../../ports/records.ts';
import type { Transaction } from '../../ports/store.ts';
import { actors } from '../announce.ts';
import { findProject } from '../find.ts';
import type { ProposalView } from '../promotion/change-views.ts';
import { newId, type World } from '../world.ts';

export interface Wanted {
  readonly pipeline: Pipeline;
  readonly text: string;
  readonly digest: Digest;
  readonly actor: string;
  /** Where commits are to come from; absent when that stays as it is. */
  readonly sourceUrl?: string | undefined;
}

/**
 * What the pipeline in force asks that this one does not, and where else commits are to come from, when that needs a second
 * person; judged by what is in force.
 */
export function needsSecondPerson(
  current: PipelineRevision | undefined,
  wanted: Pipeline,
  moves: { readonly from: string; readonly to: string } | undefined,
): readonly Weakening[] {
  if (current === undefined || current.pipeline.trust.separation === 'none') return [];
  return [...weakenings(current.pipeline, wanted), ...(moves === undefined ? [] : [moved(moves)])];
}

function moved({ from, to }: { readonly from: string; readonly to: string }): Weakening {
  const sentence = `commits come from ${withoutCredentials(to)} instead of ${withoutCredentials(from)}`;
  return { what: 'source-moved', environment: undefined, sentence };
}

/** The same file proposed again is the same proposal; another one takes its place. */
export async function proposeIn(
  world: World,
  tx: Transaction,
  {
    project,
    current,
    wanted,
    found,
  }: { project: Project; current: PipelineRevision; wanted: Wanted; found: readonly Weakening[] },
): Promise<PipelineProposal> {
  const open = await tx.proposals.open(project.id);
  const sourceUrl = wanted.sourceUrl;
  // Whoever approves says what he read: of two places for the same file it is one.
  const digest =
    sourceUrl === undefined ? wanted.digest : world.sha256(canonicalJson({ pipeline: wanted.digest, sourceUrl }));
  if (open?.digest === digest && open.base === current.id) return open;
  await voidIn(world, tx, { project, reason: 'another one was proposed' });
  const proposal: PipelineProposal = {
    id: newId(world, 'ppr'),
    project: project.id,
    base: current.id,
    digest,
    sourceUrl,
    pipeline: wanted.pipeline,
    text: wanted.text,
    weakenings: found,
    proposedBy: wanted.actor,
    proposedAt: world.clock.now(),
    state: 'proposed',
    decidedBy: undefined,
    decidedAt: undefined,
    reason: undefined,
  };
  await tx.proposals.insert(proposal);
  await tx.events.append({
    kind: 'pipeline.proposed',
    actor: wanted.actor,
    at: proposal.proposedAt,
    project: project.id,
    data: { proposal: proposal.id, digest, weakenings: found.map(toJson) },
  });
  return proposal;
}

/** What was compared with a pipeline that is no longer in force would have to be compared anew. */
export async function voidIn(
  world: World,
  tx: Transaction,
  { project, reason }: { project: Project; reason: string },
): Promise<void> {
  const open = await tx.proposals.open(project.id);
  if (open === undefined) return;
  const at = world.clock.now();
  await tx.proposals.decide(open.id, { state: 'void', by: actors.engine, at, reason });
  await tx.events.append({
    kind: 'pipeline.proposal-void',
    actor: actors.engine,
    at,
    project: project.id,
    data: { proposal: open.id, reason },
  });
}

/** The row locked and found fit to be decided by this person. Whoever proposed it may end it: that weakens nothing. */
export async function takeProposalIn(
  tx: Transaction,
  {
    project: name,
    digest,
    actor,
    ends = false,
  }: { project: string | undefined; digest: Digest | undefined; actor: string; ends?: boolean },
): Promise<{ project: Project; proposal: PipelineProposal }> {
  const project = (await tx.projects.lock((await findProject(tx, name)).id))!;
  const proposal = await tx.proposals.open(project.id);
  if (proposal === undefined)
    throw new Failure('request/not-found', `no pipeline of ${project.name} waits for a second person`);
  if (digest !== undefined && digest !== proposal.digest)
    throw new Failure('approval/stale', `the pipeline proposed for ${project.name} is another one than was read`, {
      hint: 'liftlock pipeline diff',
    });
  if (proposal.proposedBy === actor && !ends)
    throw new Failure('approval/refused', `${actor} proposed it; somebody else decides`, {
      hint: 'liftlock pipeline reject takes it back',
      reason: 'PROPOSER',
    });
  return { project, proposal };
}

export async function rejectProposalIn(
  world: World,
  tx: Transaction,
  request: { project: string | undefined; digest: Digest | undefined; reason: string; actor: string },
): Promise<{ proposal: string }> {
  const { project, proposal } = await takeProposalIn(tx, { ...request, ends: true });
  const at = world.clock.now();
  await tx.proposals.decide(proposal.id, { state: 'rejected', by: request.actor, at, reason: request.reason });
  await tx.events.append({
    kind: 'pipeline.rejected',
    actor: request.actor,
    at,
    project: project.id,
    data: { proposal: proposal.id, digest: proposal.digest, reason: request.reason },
  });
  return { proposal: proposal.id };
}

export function showProposal(world: World, name: string | undefined): Promise<ProposalView | null> {
  return world.store.transaction(async (tx) => {
    const project = await findProject(tx, name);
    const open = await tx.proposals.open(project.id);
    const inForce = await tx.pipelines.current(project.id);
    if (open === undefined) return null;
    return {
      project: project.name,
      proposal: open.id,
      digest: open.digest,
      proposedBy: open.proposedBy,
      proposedAt: open.proposedAt,
      weakenings: open.weakenings.map(({ what, environment, sentence }) => ({
        what,
        environment: environment ?? null,
        sentence,
      })),
      text: open.text,
      inForce: inForce?.text ?? '',
      differs: linesThatDiffer(inForce?.text ?? '', open.text),
    };
  });
}

export function toJson({ what, environment, sentence }: Weakening) {
  return { what, environment: environment ?? null, sentence };
}

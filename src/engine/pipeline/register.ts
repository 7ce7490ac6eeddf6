/** Makes a project known, and puts a pipeline in force (R19: every change of it is a recorded revision). */
import { canonicalJson, type Digest, type Json } from '../../domain/base/digest.ts';
import { Failure } from '../../domain/base/failure.ts';
import { withoutCredentials } from '../../domain/base/hidden.ts';
import type { PipelineRevisionId, ProjectId } from '../../domain/base/id.ts';
import { runsHere, type EnvironmentSpec } from '../../domain/pipeline/environment.ts';
import type { Pipeline } from '../../domain/pipeline/pipeline.ts';
import { weakenings } from '../../domain/pipeline/weakenings.ts';
import type { PipelineProposal } from '../../ports/gate-records.ts';
import type { PipelineRevision, Project } from '../../ports/records.ts';
import type { Transaction } from '../../ports/store.ts';
import { actors } from '../announce.ts';
import { noteNewlyWanted } from '../trigger/look-again.ts';
import { needsSecondPerson, proposeIn, takeProposalIn, toJson, voidIn, type Wanted } from './proposals.ts';
import { refuseWaiting } from './retire.ts';
import { freePort } from './service-port.ts';
import { policyOf } from '../trigger/judge-events.ts';
import { newId, type World } from '../world.ts';

export interface ApplyRequest {
  readonly pipeline: Pipeline;
  /** The file as written, kept for the record. */
  readonly text: string;
  /** Where the repository is; the project's present one when absent. */
  readonly sourceUrl: string | undefined;
  readonly actor: string;
}

export interface AppliedPipeline {
  readonly project: Project;
  readonly changed: boolean;
  readonly created: boolean;
  /** R19: it weakens something and waits for a second person; what is in force stays so. */
  readonly proposed: PipelineProposal | undefined;
}

/** Idempotent: the pipeline in force, applied again, changes nothing and is not recorded again. */
export async function applyPipeline(world: World, request: ApplyRequest): Promise<AppliedPipeline> {
  const applied = await world.store.transaction((tx) => applyIn(world, tx, request));
  world.jobs.kick();
  return applied;
}

export async function applyIn(world: World, tx: Transaction, request: ApplyRequest): Promise<AppliedPipeline> {
  const known = await tx.projects.byName(request.pipeline.project);
  const project = known === undefined ? await create(world, tx, request) : (await tx.projects.lock(known.id))!;
  const moves = movesTo(project, request.sourceUrl);
  const digest = world.sha256(canonicalJson(request.pipeline as unknown as Json));
  const current = await tx.pipelines.current(project.id);
  const wanted = {
    pipeline: request.pipeline,
    text: request.text,
    digest,
    actor: request.actor,
    sourceUrl: moves?.isElsewhere === true ? moves.to : undefined,
  };
  const found = needsSecondPerson(current, request.pipeline, moves?.isElsewhere === true ? moves : undefined);
  if (current !== undefined && found.length > 0) {
    const proposed = await proposeIn(world, tx, { project, current, wanted, found });
    return { project, changed: false, created: false, proposed };
  }
  if (moves !== undefined) await moveSource(world, tx, { project, to: moves.to, actor: request.actor });
  if (current?.digest === digest) return { project, changed: false, created: false, proposed: undefined };
  await voidIn(world, tx, { project, reason: 'another pipeline was put in force' });
  await putInForce(world, tx, { project, current, wanted });
  return {
    project: (await tx.projects.get(project.id))!,
    changed: true,
    created: known === undefined,
    proposed: undefined,
  };
}

/** Commits come from elsewhere from now on; what was seen and verified of main stays, so another history is a rewound main. */
async function moveSource(
  world: World,
  tx: Transaction,
  { project, to, actor, approvedBy }: { project: Project; to: string; actor: string; approvedBy?: string },
): Promise<void> {
  await tx.projects.setSource(project.id, to);
  await tx.events.append({
    kind: 'project.source-changed',
    actor,
    at: world.clock.now(),
    project: project.id,
    data: {
      from: withoutCredentials(project.sourceUrl),
      to: withoutCredentials(to),
      ...(approvedBy === undefined ? {} : { approvedBy }),
    },
  });
}

interface Move {
  readonly from: string;
  readonly to: string;
  /** Not only the user and the password for the same place are others. */
  readonly isElsewhere: boolean;
}

function movesTo({ sourceUrl: from }: Project, to: string | undefined): Move | undefined {
  if (to === undefined || to === from) return undefined;
  const place = (url: string) => url.replace(/^(https?:\/\/)[^/?#]*@/i, '$1');
  return { from, to, isElsewhere: place(from) !== place(to) };
}

/** R19: a second person agrees that the pipeline asks less from now on. */
export async function approveProposalIn(
  world: World,
  tx: Transaction,
  request: { project: string | undefined; digest: Digest | undefined; reason: string; actor: string },
): Promise<{ project: string; revision: PipelineRevisionId }> {
  const { project, proposal } = await takeProposalIn(tx, request);
  const current = await tx.pipelines.current(project.id);
  if (current?.id !== proposal.base)
    throw new Failure('approval/stale', `another pipeline of ${project.name} is in force than it was compared with`, {
      hint: 'apply it again',
    });
  const at = world.clock.now();
  await tx.proposals.decide(proposal.id, { state: 'approved', by: request.actor, at, reason: request.reason });
  const { pipeline, text, proposedBy, sourceUrl } = proposal;
  if (sourceUrl !== undefined)
    await moveSource(world, tx, { project, to: sourceUrl, actor: proposedBy, approvedBy: request.actor });
  const digest = world.sha256(canonicalJson(pipeline as unknown as Json));
  if (digest === current.digest) return { project: project.name, revision: current.id };
  const wanted = { pipeline, text, digest, actor: proposedBy };
  const approval = { by: request.actor, reason: request.reason };
  return { project: project.name, revision: await putInForce(world, tx, { project, current, wanted, approval }) };
}

async function putInForce(
  world: World,
  tx: Transaction,
  {
    project,
    current,
    wanted,
    approval,
  }: {
    project: Project;
    current: PipelineRevision | undefined;
    wanted: Wanted;
    approval?: { readonly by: string; readonly reason: string };
  },
): Promise<PipelineRevisionId> {
  const { pipeline, digest } = wanted;
  const now = world.clock.now();
  const id = newId(world, 'ppl');
  await tx.pipelines.insert({
    id,
    project: project.id,
    digest,
    pipeline,
    text: wanted.text,
    appliedBy: wanted.actor,
    appliedAt: now,
  });
  await tx.projects.setRevision(project.id, id);
  const revisions = current && { project: project.id, before: current.pipeline, after: pipeline };
  const trustsOtherwise = current !== undefined && policyOf(world, current.pipeline) !== policyOf(world, pipeline);
  if ((revisions !== undefined && (await noteNewlyWanted(tx, revisions))) || trustsOtherwise)
    await tx.projects.setPoll(project.id, { ...project.poll, dueAt: now });
  await applyEnvironments(world, tx, { project: project.id, pipeline });
  await tx.events.append({
    kind: 'pipeline.applied',
    actor: wanted.actor,
    at: now,
    project: project.id,
    data: {
      revision: id,
      digest,
      environments: pipeline.environments.map(({ name }) => name),
      weakenings: current === undefined ? [] : weakenings(current.pipeline, pipeline).map(toJson),
      ...(approval === undefined ? {} : { approvedBy: approval.by, reason: approval.reason }),
    },
  });
  return id;
}

async function create(world: World, tx: Transaction, request: ApplyRequest): Promise<Project> {
  if (request.sourceUrl === undefined) {
    throw new Failure('source/invalid', `project ${request.pipeline.project} is new and has no repository`, {
      hint: 'give its Git URL or path',
    });
  }
  const now = world.clock.now();
  const project: Project = {
    id: newId(world, 'prj') as ProjectId,
    name: request.pipeline.project,
    sourceUrl: request.sourceUrl,
    revision: undefined,
    poll: { dueAt: now, failures: 0, error: undefined },
    createdAt: now,
  };
  await tx.projects.insert(project);
  await tx.events.append({
    kind: 'project.created',
    actor: request.actor,
    at: now,
    project: project.id,
    data: { name: project.name, source: withoutCredentials(project.sourceUrl) },
  });
  return project;
}

/** Environments keep their id, state and port across revisions; one that is no longer named is retired, not deleted. */
async function applyEnvironments(
  world: World,
  tx: Transaction,
  { project, pipeline }: { project: ProjectId; pipeline: Pipeline },
): Promise<void> {
  const existing = new Map(
    (await tx.environments.ofProject(project)).map((environment) => [environment.spec.name, environment]),
  );
  const used = new Set(await tx.environments.usedPorts());
  await retireOthers(world, tx, { project, pipeline });
  for (const [position, spec] of pipeline.environments.entries()) {
    const present = existing.get(spec.name);
    const id = present?.id ?? newId(world, 'env');
    await tx.environments.upsert({ id, project, position, spec, dueAt: world.clock.now() });
    // What is new or changed counts from now on; its last time before was nobody's to miss.
    if (present === undefined || present.retired || schedulesOf(present.spec) !== schedulesOf(spec))
      await tx.environments.setSchedule(id, { since: world.clock.now() });
    if (!runsHere(spec.target)) continue;
    if (spec.target.port === 'none') {
      if (present?.port !== undefined) await tx.environments.setPort(id, undefined);
      continue;
    }
    const port = spec.target.port ?? present?.port ?? (await freePort(world, used));
    if (port === present?.port) continue;
    if (used.has(port) && !(await tx.environments.takePort(port)))
      throw new Failure(
        'pipeline/invalid',
        `port ${port} of ${spec.name} belongs to another environment of this control plane`,
        { hint: 'choose another port, or leave it out' },
      );
    used.add(port);
    await tx.environments.setPort(id, port);
  }
}

function schedulesOf({ triggers }: EnvironmentSpec): string {
  return JSON.stringify(triggers.flatMap((trigger) => (trigger.on === 'schedule' ? [trigger.schedule] : [])));
}

async function retireOthers(
  world: World,
  tx: Transaction,
  { project, pipeline }: { project: ProjectId; pipeline: Pipeline },
): Promise<void> {
  const names = pipeline.environments.map(({ name }) => name);
  for (const id of await tx.environments.retire(project, names)) {
    const retired = (await tx.environments.lock(id))!;
    await tx.events.append({
      kind: 'environment.retired',
      actor: actors.engine,
      at: world.clock.now(),
      project,
      environment: id,
      data: { name: retired.spec.name },
    });
    await refuseWaiting(world, tx, retired);
  }
}

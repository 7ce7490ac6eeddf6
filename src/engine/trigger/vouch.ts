/** What a maintainer says about main: that a platform's commit is wanted, or that main is taken as it stands. */
import { rolesOn } from '../../domain/access/role.ts';
import { Failure } from '../../domain/base/failure.ts';
import { short, shortRef } from '../../domain/trigger/main-commit.ts';
import type { ProjectId } from '../../domain/base/id.ts';
import type { Transaction } from '../../ports/store.ts';
import type { StoredJudgement } from '../../ports/trust.ts';
import { findProject } from '../find.ts';
import { judgeAgain, mainRefOf, wakeAll } from './judge-events.ts';
import { newId, type World } from '../world.ts';

export interface AcceptRequest {
  readonly project: string | undefined;
  /** A commit of main, or its beginning. */
  readonly commit: string;
  /** The tree that the person looked at; refused when the commit holds another. */
  readonly tree: string | undefined;
  readonly reason: string;
  readonly actor: string;
}

export interface AcceptAnswer {
  readonly project: ProjectId;
  readonly commit: string;
  readonly tree: string;
  /** What the commit starts now. */
  readonly accepted: boolean;
}

/** Bound to the commit and its tree, and good as long as the person is maintainer. */
export async function acceptCommitIn(world: World, tx: Transaction, request: AcceptRequest): Promise<AcceptAnswer> {
  const project = await findProject(tx, request.project);
  const pipeline = (await tx.pipelines.current(project.id))?.pipeline;
  const mode = pipeline?.trust.signatures;
  if (pipeline === undefined || mode !== 'hosted')
    throw new Failure(
      'commit/not-accepted',
      `${project.name} does not ask for acceptances (trust.signatures: ${mode})`,
      {
        hint:
          mode === 'strict'
            ? 'a maintainer merges locally and signs: git merge --no-ff -S'
            : 'nothing has to be accepted',
      },
    );
  const row = await findJudged(tx, { project: project.id, ref: mainRefOf(pipeline) }, request.commit);
  const { commit, tree } = row.found;
  if (tree === '' || (request.tree !== undefined && request.tree !== tree))
    throw new Failure(
      'commit/not-accepted',
      `commit ${short(commit)} holds tree ${short(tree)}, not the one you looked at`,
    );
  const person = await tx.people.byHandle(request.actor);
  const roles = person === undefined ? [] : rolesOn(await tx.grants.rightsOf(person.id, world.clock.now()), project.id);
  if (person === undefined || !roles.includes('maintainer'))
    throw new Failure('request/forbidden', `${request.actor} is no maintainer of ${project.name}`);
  const at = world.clock.now();
  const inserted = await tx.acceptances.insert({
    id: newId(world, 'acc'),
    project: project.id,
    commit,
    tree,
    person: person.id,
    reason: request.reason,
    at,
  });
  if (inserted)
    await tx.events.append({
      kind: 'commit.accepted',
      actor: request.actor,
      at,
      project: project.id,
      data: { commit, tree, reason: request.reason },
    });
  await judgeAgain(world, tx, { project: project.id, commit });
  await judgeAgain(world, tx, { project: project.id });
  await tx.projects.setPoll(project.id, { ...project.poll, dueAt: at });
  await wakeAll(tx, project.id, at);
  const now = await tx.judgements.get(project.id, row.ref, row.object);
  return { project: project.id, commit, tree, accepted: now?.accepted === true };
}

async function findJudged(
  tx: Transaction,
  { project, ref }: Pick<StoredJudgement, 'project' | 'ref'>,
  text: string,
): Promise<StoredJudgement & { class: 'staging' }> {
  const rows = /^[0-9a-f]{4,64}$/.test(text) ? await tx.judgements.beginning(project, ref, text) : [];
  const found = rows.filter((row): row is StoredJudgement & { class: 'staging' } => row.class === 'staging');
  const [only, other] = found;
  if (only !== undefined && other === undefined) return only;
  const what = other === undefined ? `${text} was not seen as a commit of main` : `${text} begins several commits`;
  throw new Failure('source/unknown-commit', what, { hint: 'liftlock verify main shows the newest one' });
}

export interface AcknowledgeRequest {
  readonly project: string | undefined;
  readonly reason: string;
  readonly actor: string;
}

export interface AcknowledgeAnswer {
  readonly project: ProjectId;
  readonly ref: string;
  /** From here on every commit is judged again. */
  readonly commit: string;
}

/**
 * Main as it stands becomes history: what is in it starts nothing by that, and what comes after it is judged. Ends the
 * freeze of a rewound main, and the refusals of everything that stood on a commit nobody verified.
 */
export async function acknowledgeMainIn(
  world: World,
  tx: Transaction,
  request: AcknowledgeRequest,
): Promise<AcknowledgeAnswer> {
  const project = (await tx.projects.lock((await findProject(tx, request.project)).id))!;
  const pipeline = (await tx.pipelines.current(project.id))?.pipeline;
  const ref = pipeline === undefined ? '' : mainRefOf(pipeline);
  const line = await tx.mainLines.get(project.id, ref);
  const tip = (await tx.refs.tips(project.id)).get(ref)?.commit;
  if (line === undefined || tip === undefined)
    throw new Failure('source/not-rewound', `${shortRef(ref)} of ${project.name} was not looked at yet`, {
      hint: 'liftlock notify makes Liftlock look at once',
    });
  if (line.rewound === undefined && line.verified === tip)
    throw new Failure(
      'source/not-rewound',
      `${shortRef(ref)} is verified as it stands: there is nothing to acknowledge`,
    );
  const at = world.clock.now();
  await tx.mainLines.put({
    ...line,
    baseline: { commit: tip, by: request.actor, at },
    verified: tip,
    rewound: undefined,
  });
  await tx.mainLines.addVerified({ project: project.id, commit: tip, how: 'acknowledged', at });
  await tx.events.append({
    kind: 'source.main-acknowledged',
    actor: request.actor,
    at,
    project: project.id,
    data: { ref, commit: tip, from: line.verified, rewound: line.rewound !== undefined, reason: request.reason },
  });
  await judgeAgain(world, tx, { project: project.id });
  await tx.projects.setPoll(project.id, { ...project.poll, dueAt: at });
  await wakeAll(tx, project.id, at);
  return { project: project.id, ref, commit: tip };
}

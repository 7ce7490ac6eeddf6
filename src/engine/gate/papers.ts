/** Release notes and the plan of a deployment, as people read, write and accept them. */
import type { Digest, Json } from '../../domain/base/digest.ts';
import { Failure } from '../../domain/base/failure.ts';
import { factsOf, type EnvironmentFacts, type ReleaseFacts } from '../../domain/promotion/facts.ts';
import { generateNotes } from '../../domain/promotion/notes.ts';
import { planHash } from '../../domain/promotion/plan.ts';
import type { Promotion } from '../../domain/promotion/promotion.ts';
import type { Environment, Project, StoredRelease } from '../../ports/records.ts';
import type { Transaction } from '../../ports/store.ts';
import { actors } from '../announce.ts';
import { findEnvironment, findProject, findRelease } from '../find.ts';
import { beforeOf, planDocument } from './plan-document.ts';
import { planOf } from './question.ts';
import { reconcileIn } from '../promotion/reconcile.ts';
import type { NotesView } from '../promotion/change-views.ts';
import { newId, type World } from '../world.ts';

export interface Pair {
  readonly project: string | undefined;
  readonly release: string;
  readonly environment: string;
}

interface Known {
  readonly project: Project;
  readonly environment: Environment;
  readonly release: StoredRelease;
  readonly facts: EnvironmentFacts;
  readonly releaseFacts: ReleaseFacts;
}

/** What is stored, or what would be generated now. */
export function showNotes(world: World, pair: Pair): Promise<NotesView> {
  return world.store.transaction(async (tx) => viewNotes(world, tx, await load(world, tx, pair)));
}

/** A person's own text takes the place of what was there; it has to be accepted again. */
export async function writeNotesIn(
  world: World,
  tx: Transaction,
  request: Pair & { readonly body: string; readonly actor: string },
): Promise<NotesView> {
  const known = await loadLocked(world, tx, request);
  const at = world.clock.now();
  const digest = world.sha256(request.body);
  await tx.notes.put({
    environment: known.environment.id,
    release: known.release.id,
    body: request.body,
    digest,
    source: 'written',
    base: undefined,
    by: request.actor,
    at,
    acceptedBy: undefined,
    acceptedAt: undefined,
  });
  await tx.events.append({ kind: 'notes.written', actor: request.actor, at, ...about(known), data: { digest } });
  await reconcileIn(world, tx, known.environment.id);
  return viewNotes(world, tx, known);
}

/** Accepts exactly the text that was read; when it is another one by now, the acceptance is refused. */
export async function acceptNotesIn(
  world: World,
  tx: Transaction,
  request: Pair & { readonly digest: Digest | undefined; readonly actor: string },
): Promise<NotesView> {
  const known = await loadLocked(world, tx, request);
  const { environment, release, facts } = known;
  const shown = await viewNotes(world, tx, known);
  if (request.digest !== undefined && request.digest !== shown.digest)
    throw new Failure('approval/stale', `the release notes of #${release.number} have changed since they were read`, {
      hint: `liftlock notes show ${release.number} ${environment.spec.name}`,
    });
  const at = world.clock.now();
  await tx.notes.put({
    environment: environment.id,
    release: release.id,
    body: shown.body,
    digest: shown.digest,
    source: shown.source,
    base: shown.source === 'generated' ? facts.running?.release : undefined,
    by: shown.by,
    at: shown.at ?? at,
    acceptedBy: request.actor,
    acceptedAt: at,
  });
  await tx.events.append({
    kind: 'notes.accepted',
    actor: request.actor,
    at,
    ...about(known),
    data: { digest: shown.digest, source: shown.source },
  });
  await reconcileIn(world, tx, environment.id);
  return { ...shown, acceptedBy: request.actor, acceptedAt: at };
}

/** R21: the plan of the promotion that waits, and of no other. */
export async function acceptPlanIn(
  world: World,
  tx: Transaction,
  request: Pair & { readonly planHash: Digest | undefined; readonly reason: string; readonly actor: string },
): Promise<{ promotion: Promotion['id']; planHash: Digest }> {
  const known = await loadLocked(world, tx, request);
  const { environment, release, facts } = known;
  const name = environment.spec.name;
  const promotion = facts.open.find(
    (open) => open.release === release.id && open.kind === 'promotion' && open.progress.state === 'waiting',
  );
  if (promotion === undefined)
    throw new Failure('approval/refused', `no promotion of release #${release.number} to ${name} is waiting`, {
      hint: `liftlock promote ${release.number} ${name} asks for it`,
    });
  const hash = planHash(planOf(facts, promotion), world.sha256);
  if (request.planHash !== undefined && request.planHash !== hash)
    throw new Failure(
      'approval/stale',
      `the plan for release #${release.number} in ${name} has changed since it was read`,
      {
        hint: `liftlock plan ${release.number} ${name}`,
      },
    );
  const at = world.clock.now();
  const document = planDocument(environment, release, { before: await beforeOf(tx, environment), planHash: hash });
  const commits = known.releaseFacts.proofs.commits?.commits ?? null;
  const accepted = await tx.plans.accept({
    id: newId(world, 'pac'),
    environment: environment.id,
    release: release.id,
    planHash: hash,
    document: { ...document, commits } as unknown as Json,
    by: request.actor,
    reason: request.reason,
    at,
  });
  if (!accepted) throw new Failure('approval/refused', 'this plan is accepted already');
  await tx.events.append({
    kind: 'plan.accepted',
    actor: request.actor,
    at,
    ...about(known),
    promotion: promotion.id,
    data: { planHash: hash, reason: request.reason },
  });
  await reconcileIn(world, tx, environment.id);
  return { promotion: promotion.id, planHash: hash };
}

/** With the environment's row locked, for whoever decides. */
async function loadLocked(world: World, tx: Transaction, pair: Pair): Promise<Known> {
  const project = await findProject(tx, pair.project);
  await tx.environments.lock((await findEnvironment(tx, project.id, pair.environment)).id);
  return load(world, tx, pair);
}

async function load(world: World, tx: Transaction, pair: Pair): Promise<Known> {
  const project = await findProject(tx, pair.project);
  const environment = await findEnvironment(tx, project.id, pair.environment);
  const release = await findRelease(tx, project.id, pair.release);
  const facts = await tx.environments.facts(environment.id, { now: world.clock.now(), alsoRelease: release.id });
  return { project, environment, release, facts, releaseFacts: factsOf(facts, release.id) };
}

async function viewNotes(world: World, tx: Transaction, known: Known): Promise<NotesView> {
  const { project, environment, release, facts } = known;
  const stored = await tx.notes.get(environment.id, release.id);
  const pair = { project: project.name, environment: environment.spec.name, release: release.number };
  const outdated = stored?.source === 'generated' && stored.base !== facts.running?.release;
  if (stored !== undefined && !outdated) {
    const { body, digest, source, by, at, acceptedBy, acceptedAt } = stored;
    return { ...pair, body, digest, source, by, at, acceptedBy: acceptedBy ?? null, acceptedAt: acceptedAt ?? null };
  }
  const body = generated(known, (await beforeOf(tx, environment)).release);
  return {
    ...pair,
    body,
    digest: world.sha256(body),
    source: 'generated',
    by: actors.engine,
    at: null,
    acceptedBy: null,
    acceptedAt: null,
  };
}

function generated({ project, environment, release, releaseFacts }: Known, before: StoredRelease | undefined): string {
  const { commits } = releaseFacts.proofs;
  const name = environment.spec.name;
  if (commits === undefined)
    throw new Failure(
      'release/not-built',
      `the commits of release #${release.number} were not looked up for ${name} yet`,
      {
        hint: `they are when a promotion waits: liftlock promote ${release.number} ${name}`,
      },
    );
  const old = new Set((before?.content.migrations ?? []).map(({ path }) => path));
  return generateNotes({
    project: project.name,
    environment: name,
    release: {
      number: release.number,
      commit: release.content.commit,
      tags: release.refs.flatMap((ref) => (ref.startsWith('refs/tags/') ? [ref.slice('refs/tags/'.length)] : [])),
    },
    base: before && { number: before.number, commit: before.content.commit },
    commits: commits.commits,
    migrations: release.content.migrations.map(({ path }) => path).filter((path) => !old.has(path)),
  });
}

function about({ project, environment, release }: Known) {
  return { project: project.id, environment: environment.id, release: release.id };
}

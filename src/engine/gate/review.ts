/** Code review recorded here: what is new in a release, and what a person says of each of its commits. */
import { Failure } from '../../domain/base/failure.ts';
import { coAuthors, sameAddress } from '../../domain/access/independence.ts';
import type { CommitInfo } from '../../ports/source.ts';
import type { Environment } from '../../ports/records.ts';
import type { Transaction } from '../../ports/store.ts';
import { findEnvironment, findProject, findRelease } from '../find.ts';
import { beforeOf } from './plan-document.ts';
import { titled } from '../views/present.ts';
import type { ReviewableView } from '../promotion/change-views.ts';
import { wakeProject } from '../wake.ts';
import { newId, type World } from '../world.ts';

const mostCommits = 500;

/** The commits that a review of this release covers: those since what runs in `environment`, or in the first that asks for review. */
export async function reviewable(
  world: World,
  asked: { project: string | undefined; release: string; environment: string | undefined },
): Promise<ReviewableView> {
  const known = await world.store.transaction(async (tx) => {
    const project = await findProject(tx, asked.project);
    const environment = await reviewingEnvironment(tx, project.id, asked.environment);
    const release = await findRelease(tx, project.id, asked.release);
    const people = await tx.people.list();
    return { project, environment, release, people, before: await beforeOf(tx, environment) };
  });
  const { project, environment, release, people, before } = known;
  const repository = { key: project.id, url: project.sourceUrl };
  const to = release.content.commit;
  const tip = await world.source.commit(repository, to);
  const from = before.release?.content.commit ?? tip.parents[0];
  const commits = from === undefined ? [tip] : await world.source.log(repository, { from, to, limit: mostCommits + 1 });
  if (commits.length > mostCommits)
    throw new Failure('input/too-large', `release #${release.number} brings more than ${mostCommits} commits`, {
      hint: 'promote a release in between first',
    });
  const given = await world.store.transaction((tx) =>
    tx.reviews.ofCommits(
      project.id,
      commits.map(({ id }) => id),
    ),
  );
  const handles = new Map(people.flatMap(({ handle, emails }) => emails.map((email) => [sameAddress(email), handle])));
  return {
    project: project.name,
    environment: environment.spec.name,
    release: titled(release),
    since: before.release === undefined ? null : { id: before.release.id, number: before.release.number },
    commits: commits.map((commit) => ({
      id: commit.id,
      subject: commit.subject,
      authors: authorsOf(commit).map((email) => handles.get(email) ?? email),
      merge: commit.parents.length > 1,
      reviews: given
        .filter((review) => review.commit === commit.id)
        .map(({ by, decision, reason, at }) => ({ by, decision, reason, at })),
    })),
  };
}

function authorsOf({ author, message }: CommitInfo): readonly string[] {
  return [...new Set([author.email, ...coAuthors(message).map(({ email }) => email)].map(sameAddress))];
}

async function reviewingEnvironment(
  tx: Transaction,
  project: Environment['project'],
  name: string | undefined,
): Promise<Environment> {
  if (name !== undefined) return findEnvironment(tx, project, name);
  const environments = (await tx.environments.ofProject(project)).filter(({ retired }) => !retired);
  const asking = environments.find(({ spec }) => spec.gates.some(({ gate }) => gate === 'review'));
  if (asking !== undefined) return asking;
  throw new Failure('environment/unknown', 'no environment asks for review', {
    hint: 'name one; it tells from where on the commits are new',
  });
}

export interface ReviewRequest {
  readonly project: string | undefined;
  /** Full ids: exactly what was read. */
  readonly commits: readonly string[];
  readonly decision: 'approve' | 'request-changes';
  readonly reason: string;
  readonly actor: string;
}

/** One word on each commit. Whether the person wrote one of them is for the gate to see, commit by commit. */
export async function reviewIn(world: World, tx: Transaction, request: ReviewRequest): Promise<{ reviews: number }> {
  const project = await findProject(tx, request.project);
  const at = world.clock.now();
  const commits = [...new Set(request.commits)];
  for (const commit of commits)
    await tx.reviews.insert({
      id: newId(world, 'rvw'),
      project: project.id,
      commit,
      decision: request.decision,
      by: request.actor,
      reason: request.reason,
      at,
    });
  await tx.events.append({
    kind: request.decision === 'approve' ? 'commits.reviewed' : 'commits.changes-requested',
    actor: request.actor,
    at,
    project: project.id,
    data: { commits, reason: request.reason },
  });
  await wakeProject(world, tx, project.id);
  return { reviews: commits.length };
}

/**
 * Looks at a project's repository and accepts what is new there. Whoever says that something
 * changed is only believed as far as looking (hints carry no data): what counts is what we fetch.
 */
import { Failure, asFailure } from '../../domain/base/failure.ts';
import type { EnvironmentId, ProjectId } from '../../domain/base/id.ts';
import { plus, type Duration } from '../../domain/base/time.ts';
import type { Pipeline } from '../../domain/pipeline/pipeline.ts';
import { isWanted } from '../../domain/trigger/sighting.ts';
import type { CommitInfo, RefTip, RepositoryRef } from '../../ports/source.ts';
import type { Project, RefMove, SeenTip, Transaction } from '../../ports/store.ts';
import { actors } from '../announce.ts';
import { wakeAll } from './judge-events.ts';
import { lookAgain } from './look-again.ts';
import { openBuild } from '../release/open-build.ts';
import { reconcileAll } from '../promotion/reconcile.ts';
import { withoutCredentials } from '../../domain/base/hidden.ts';
import { recordScrutiny } from './record-scrutiny.ts';
import { judgeOutdated } from './judge-outdated.ts';
import { loadTrusted, objectOf, scrutinise, type Fetched, type Scrutiny, type Trusted } from './scrutiny.ts';
import type { World } from '../world.ts';

/** Longest pause between two looks at a repository that cannot be reached. */
const longestPause = 300_000 as Duration;

/** Looks now. Failure to reach the repository is recorded, shown and tried again with growing pauses; it is not thrown. */
export async function observe(world: World, id: ProjectId): Promise<void> {
  const known = await world.store.transaction(async (tx) => {
    const project = await tx.projects.get(id);
    const revision = project && (await tx.pipelines.current(id));
    if (project === undefined || revision === undefined) return undefined;
    const { pipeline } = revision;
    const trusted = await loadTrusted(world, tx, { project, pipeline });
    return { project, pipeline, tips: await tx.refs.tips(id), trusted };
  });
  if (known === undefined) return;
  const { project, pipeline } = known;
  try {
    const seen = await look(world, known);
    const isNew = await world.store.transaction((tx) => accept(world, tx, { project, pipeline, seen }));
    const isJudgedAgain = seen.scrutiny !== undefined && (await judgeOutdated(world, seen.scrutiny.fetched));
    const isWoken = isNew || isJudgedAgain;
    if ((await lookAgain(world, known)) || isWoken) world.jobs.kick();
    if (isWoken) await reconcileAll(world, await world.store.transaction((tx) => inUse(tx, id)));
  } catch (thrown) {
    const failure = asFailure(thrown);
    if (failure.code === 'database/unreachable') throw failure;
    await recordFailure(world, project, failure);
  }
}

interface News {
  readonly move: RefMove;
  /** Absent for a deleted ref, and for one that needs no build. */
  readonly commit: CommitInfo | undefined;
}

interface Seen {
  readonly news: readonly News[];
  readonly firstLook: boolean;
  /** Absent where no signatures are asked for. */
  readonly scrutiny: { readonly fetched: Fetched; readonly scrutiny: Scrutiny } | undefined;
}

interface Known {
  readonly project: Project;
  readonly pipeline: Pipeline;
  readonly tips: ReadonlyMap<string, SeenTip>;
  readonly trusted: Trusted | undefined;
}

/** Everything that differs from what we last saw, with what must be known about it. No writes. */
async function look(world: World, known: Known): Promise<Seen> {
  const repository: RepositoryRef = { key: known.project.id, url: known.project.sourceUrl };
  const tips = await world.source.fetch(repository);
  const present = new Map(tips.map((tip) => [tip.ref, tip]));
  const at = world.clock.now();
  const gone = [...known.tips]
    .filter(([ref]) => !present.has(ref))
    .map(([ref, from]): News => ({
      move: { project: known.project.id, ref, from: from.commit, to: undefined, fastForward: undefined, at },
      commit: undefined,
    }));
  const firstLook = known.tips.size === 0;
  const wanted = tips.filter((tip) => isWanted(known.pipeline, tip));
  const buildAtFirst = wanted.find(({ ref }) => ref === `refs/heads/${known.pipeline.mainBranch}`) ?? wanted[0];
  const moved: News[] = [];
  for (const tip of tips.filter((one) => known.tips.get(one.ref)?.object !== objectOf(one))) {
    const from = known.tips.get(tip.ref)?.commit;
    const fastForward = from === undefined ? undefined : await isFastForward(world, repository, { from, tip });
    // The first look at a repository with a long history builds one commit, not every branch and tag there ever was.
    const builds = firstLook
      ? tip.commit === buildAtFirst?.commit
      : wanted.includes(tip) && !(await isRewind(world, repository, { from, tip }));
    const commit = builds ? await world.source.commit(repository, tip.commit) : undefined;
    const { ref, commit: to, tagObject } = tip;
    moved.push({ move: { project: known.project.id, ref, from, to, tagObject, fastForward, firstLook, at }, commit });
  }
  const { project, pipeline, trusted, tips: before } = known;
  const fetched = trusted && { project, pipeline, trusted, before, tips, at };
  return {
    news: [...gone, ...moved.sort((left, right) => (left.commit?.authoredAt ?? 0) - (right.commit?.authoredAt ?? 0))],
    firstLook,
    scrutiny: fetched && { fetched, scrutiny: await scrutinise(world, fetched) },
  };
}

async function isFastForward(
  world: World,
  repository: RepositoryRef,
  { from, tip }: { from: string; tip: RefTip },
): Promise<boolean> {
  // The commit the ref pointed to may be gone after a forced push: then it was none.
  return world.source.isAncestor(repository, from, tip.commit).catch((thrown: unknown) => {
    if (thrown instanceof Failure && thrown.code === 'source/unknown-commit') return false;
    throw thrown;
  });
}

/** A branch moved back to a commit it already contained: nothing new to build (R6). */
async function isRewind(
  world: World,
  repository: RepositoryRef,
  { from, tip }: { from: string | undefined; tip: RefTip },
): Promise<boolean> {
  if (from === undefined || !tip.ref.startsWith('refs/heads/')) return false;
  return world.source.isAncestor(repository, tip.commit, from).catch((thrown: unknown) => {
    if (thrown instanceof Failure && thrown.code === 'source/unknown-commit') return false;
    throw thrown;
  });
}

async function inUse(tx: Transaction, project: ProjectId): Promise<readonly EnvironmentId[]> {
  return (await tx.environments.ofProject(project)).flatMap(({ id, retired }) => (retired ? [] : id));
}

/** Answers whether there was something new; environments are to look again then. */
async function accept(
  world: World,
  tx: Transaction,
  { project, pipeline, seen }: { project: Project; pipeline: Pipeline; seen: Seen },
): Promise<boolean> {
  const now = world.clock.now();
  const locked = await tx.projects.lock(project.id);
  if (locked === undefined) return false;
  const tips = await tx.refs.tips(project.id);
  const isStale = seen.news.some(({ move }) => tips.get(move.ref)?.commit !== move.from);
  const dueAt = isStale ? now : plus(now, pipeline.poll);
  await tx.projects.setPoll(project.id, { dueAt, failures: 0, error: undefined });
  if (locked.poll.failures > 0) {
    await tx.events.append({
      kind: 'source.reached',
      actor: actors.source,
      at: now,
      project: project.id,
      data: { after: locked.poll.failures },
    });
  }
  // Another look was faster. Moves are recorded with what was found of them or not at all: the next look sees what is left of them.
  if (isStale) return false;
  for (const { move, commit } of seen.news) {
    await tx.refs.move(move);
    await tx.events.append({
      kind: move.to === undefined ? 'source.ref-deleted' : 'source.ref-moved',
      actor: actors.source,
      at: now,
      project: project.id,
      data: { ref: move.ref, from: move.from, to: move.to, tagObject: move.tagObject, fastForward: move.fastForward },
    });
    if (commit !== undefined) await openBuild(world, tx, { project, commit, ref: move.ref });
  }
  const judged =
    seen.scrutiny !== undefined && (await recordScrutiny(world, tx, { ...seen.scrutiny, firstLook: seen.firstLook }));
  const isNew = seen.news.length > 0 || judged;
  if (isNew) await wakeAll(tx, project.id, now);
  return isNew;
}

async function recordFailure(world: World, project: Project, failure: Failure): Promise<void> {
  const now = world.clock.now();
  await world.store.transaction(async (tx) => {
    const locked = await tx.projects.lock(project.id);
    if (locked === undefined) return;
    const failures = locked.poll.failures + 1;
    const pause = Math.min(longestPause, 2_000 * 2 ** Math.min(failures, 10)) as Duration;
    await tx.projects.setPoll(project.id, { dueAt: plus(now, pause), failures, error: failure.message });
    if (failures === 1) {
      await tx.events.append({
        kind: 'source.unreachable',
        actor: actors.source,
        at: now,
        project: project.id,
        data: { because: failure.message },
      });
    }
  });
  world.log.warn('repository could not be looked at', {
    project: project.name,
    source: withoutCredentials(project.sourceUrl),
    reason: failure.message,
  });
}

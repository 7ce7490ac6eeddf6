/** Refs that were seen before anybody waited for them: looked at once more when a new revision of the pipeline does. */
import type { Pipeline } from '../../domain/pipeline/pipeline.ts';
import type { ProjectId } from '../../domain/base/id.ts';
import { isWanted } from '../../domain/trigger/sighting.ts';
import type { CommitInfo } from '../../ports/source.ts';
import type { Project } from '../../ports/records.ts';
import type { Transaction } from '../../ports/store.ts';
import { openBuild } from '../release/open-build.ts';
import type { World } from '../world.ts';

/** A new trigger asks for what there is now, not for everything there ever was: so many branches, and the newest tag. */
const mostBranches = 20;

/** Notes what the revision `after` waits for and `before` did not. Answers whether there is such, for the next look. */
export async function noteNewlyWanted(
  tx: Transaction,
  { project, before, after }: { project: ProjectId; before: Pipeline; after: Pipeline },
): Promise<boolean> {
  const tips = [...(await tx.refs.tips(project))].map(([ref, { commit }]) => ({ ref, commit }));
  const wanted = tips.filter((tip) => isWanted(after, tip) && !isWanted(before, tip));
  await tx.refs.noteToLookAt(project, wanted);
  return wanted.length > 0;
}

/** Opens builds for what was noted and is still there. Answers whether it opened one. */
export async function lookAgain(
  world: World,
  { project, pipeline }: { project: Project; pipeline: Pipeline },
): Promise<boolean> {
  const { noted, tips } = await world.store.transaction(async (tx) => {
    const toLookAt = await tx.refs.toLookAt(project.id);
    return { noted: toLookAt, tips: await tx.refs.tips(project.id) };
  });
  if (noted.length === 0) return false;
  const wanted = noted.filter((tip) => tips.get(tip.ref)?.commit === tip.commit && isWanted(pipeline, tip));
  const found = await Promise.all(
    wanted.map(async ({ ref, commit }) => ({
      ref,
      commit: await world.source.commit({ key: project.id, url: project.sourceUrl }, commit),
    })),
  );
  const newestFirst = found.sort((left, right) => right.commit.authoredAt - left.commit.authoredAt);
  const chosen = [
    ...newestFirst.filter(({ ref }) => ref.startsWith('refs/heads/')).slice(0, mostBranches),
    ...newestFirst.filter(({ ref }) => ref.startsWith('refs/tags/')).slice(0, 1),
  ];
  const fresh: { ref: string; commit: CommitInfo }[] = [];
  for (const one of chosen) if (await isAhead(world, { project, pipeline, commit: one.commit })) fresh.push(one);
  return world.store.transaction(async (tx) => {
    await tx.projects.lock(project.id);
    const now = await tx.refs.tips(project.id);
    for (const { ref, commit } of fresh.reverse())
      if (now.get(ref)?.commit === commit.id) await openBuild(world, tx, { project, commit, ref });
    await tx.refs.clearToLookAt(project.id);
    return fresh.length > 0;
  });
}

/** R6: what is contained in a commit that was built already would become the newer release of the older state. */
async function isAhead(
  world: World,
  { project, pipeline, commit }: { project: Project; pipeline: Pipeline; commit: CommitInfo },
): Promise<boolean> {
  const built = await world.store.transaction(async (tx) => {
    const main = (await tx.refs.tips(project.id)).get(`refs/heads/${pipeline.mainBranch}`)?.commit;
    const ofMain = main === undefined ? undefined : await tx.builds.ofCommit(project.id, main);
    return [ofMain, ...(await tx.builds.recent(project.id, 1))].flatMap((build) => (build ? [build.commit] : []));
  });
  for (const other of new Set(built)) {
    const repository = { key: project.id, url: project.sourceUrl };
    if (await world.source.isAncestor(repository, commit.id, other)) return false;
  }
  return true;
}

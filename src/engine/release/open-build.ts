import type { CommitInfo } from '../../ports/source.ts';
import type { Project } from '../../ports/records.ts';
import type { Transaction } from '../../ports/store.ts';
import { actors } from '../announce.ts';
import { newId, type World } from '../world.ts';

/** R11: one build for each commit, however often and on whichever refs it is seen. */
export async function openBuild(
  world: World,
  tx: Transaction,
  { project, commit, ref }: { project: Project; commit: CommitInfo; ref: string },
): Promise<void> {
  if ((await tx.builds.ofCommit(project.id, commit.id)) !== undefined) return;
  const now = world.clock.now();
  const build = {
    id: newId(world, 'bld'),
    project: project.id,
    commit: commit.id,
    number: await tx.projects.nextReleaseNumber(project.id),
    state: 'waiting',
    attempt: 1,
    release: undefined,
    reason: undefined,
    owner: undefined,
    title: commit.subject,
    author: `${commit.author.name} <${commit.author.email}>`,
    createdAt: now,
    startedAt: undefined,
    endedAt: undefined,
  } as const;
  if (!(await tx.builds.insert(build))) return;
  await tx.events.append({
    kind: 'build.requested',
    actor: actors.source,
    at: now,
    project: project.id,
    data: { build: build.id, commit: commit.id, number: build.number, ref, title: commit.subject },
  });
  await tx.enqueue({ kind: 'build', build: build.id });
}

/** A person asks for a build again that did not lead to a release. */
import { Failure } from '../../domain/base/failure.ts';
import type { BuildId } from '../../domain/base/id.ts';
import type { Build } from '../../ports/records.ts';
import type { Transaction } from '../../ports/store.ts';
import { findProject } from '../find.ts';
import type { World } from '../world.ts';

export interface RetryRequest {
  readonly project: string | undefined;
  readonly number: number;
  readonly actor: string;
}

/** Same commit, same number, a new attempt: it runs in a workspace of its own. @throws Failure `request/conflict` unless it failed or errored. */
export async function retryBuildIn(
  world: World,
  tx: Transaction,
  request: RetryRequest,
): Promise<{ build: BuildId; number: number; attempt: number }> {
  const project = await findProject(tx, request.project);
  const named = (await tx.builds.recent(project.id, 1_000)).find(({ number }) => number === request.number);
  const build = named && (await tx.builds.lock(named.id));
  if (build === undefined)
    throw new Failure('request/not-found', `there is no build #${request.number} of ${project.name}`, {
      hint: 'liftlock status',
    });
  if (build.state !== 'failed' && build.state !== 'errored') {
    throw new Failure(
      'request/conflict',
      `build #${build.number} is ${build.state}; only one that failed or errored can be tried again`,
    );
  }
  const again: Build = {
    ...build,
    state: 'waiting',
    attempt: build.attempt + 1,
    reason: undefined,
    owner: undefined,
    startedAt: undefined,
    endedAt: undefined,
  };
  await tx.builds.update(again);
  await tx.builds.touch(again.id, world.clock.now());
  await tx.events.append({
    kind: 'build.retried',
    actor: request.actor,
    at: world.clock.now(),
    project: project.id,
    data: { build: build.id, commit: build.commit, number: build.number, attempt: again.attempt },
  });
  await tx.enqueue({ kind: 'build', build: build.id }, { attempt: again.attempt });
  return { build: build.id, number: build.number, attempt: again.attempt };
}

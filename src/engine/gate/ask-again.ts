/** A person does not want to wait until a question to the world outside is asked again by itself. */
import { findEnvironment, findProject, findRelease } from '../find.ts';
import { enqueueAgain, mayChange } from './ask-outside.ts';
import type { Transaction } from '../../ports/store.ts';
import type { World } from '../world.ts';

/** Answers what is asked now. What was answered with yes or no stays so: another promotion asks anew. */
export async function askAgainIn(
  world: World,
  tx: Transaction,
  request: { project: string | undefined; environment: string; release: string; actor: string },
): Promise<readonly string[]> {
  const project = await findProject(tx, request.project);
  const environment = await findEnvironment(tx, project.id, request.environment);
  const release = await findRelease(tx, project.id, request.release);
  const [waiting] = await tx.promotions.list({
    environment: environment.id,
    release: release.id,
    state: 'waiting',
    limit: 1,
  });
  if (waiting === undefined) return [];
  const asked: string[] = [];
  for (const { id } of await tx.checks.of(environment.id, release.id)) {
    const check = await tx.checks.lock(id);
    if (check === undefined || !mayChange(check)) continue;
    await enqueueAgain(world, tx, check);
    asked.push(check.name);
  }
  if (asked.length > 0)
    await tx.events.append({
      kind: 'gate.asked-again',
      actor: request.actor,
      at: world.clock.now(),
      project: project.id,
      environment: environment.id,
      release: release.id,
      promotion: waiting.promotion.id,
      data: { gates: asked },
    });
  return asked;
}

/** QA says that a release may go on, or that it may not. */
import { Failure } from '../../domain/base/failure.ts';
import { factsOf } from '../../domain/promotion/facts.ts';
import type { Environment, Project, StoredRelease } from '../../ports/records.ts';
import type { Transaction } from '../../ports/store.ts';
import { findEnvironment, findProject, findRelease } from '../find.ts';
import { wakeProject } from '../wake.ts';
import { newId, type World } from '../world.ts';

export interface SignOffRequest {
  readonly project: string | undefined;
  readonly release: string;
  /** Where it was tried. */
  readonly environment: string;
  readonly verdict: 'PASS' | 'FAIL';
  readonly reason: string;
  readonly actor: string;
}

/**
 * Evidence that nobody else can record. Nobody signs off what never ran there, nor, as far as is known already, what he wrote
 * himself; the gate judges that again when all commits are known.
 */
export async function signOffIn(
  world: World,
  tx: Transaction,
  request: SignOffRequest,
): Promise<{ evidence: string; release: string }> {
  const project = await findProject(tx, request.project);
  const environment = await findEnvironment(tx, project.id, request.environment);
  const release = await findRelease(tx, project.id, request.release);
  const name = environment.spec.name;
  const ran = await tx.deployments.lastOf(environment.id, release.id);
  if (ran?.occupiedFrom === undefined)
    throw new Failure('sign-off/refused', `release #${release.number} never ran in ${name}`, {
      hint: `liftlock promote ${release.number} ${name}, then try it there`,
    });
  await refuseAuthor(world, tx, { project, release, actor: request.actor });
  const at = world.clock.now();
  const id = newId(world, 'evd');
  await tx.evidence.insert({
    id,
    release: release.id,
    artifact: release.content.artifact,
    environment: environment.id,
    promotion: undefined,
    gitCommit: release.content.commit,
    kind: 'sign-off',
    name: request.actor,
    verdict: request.verdict,
    standing: 'attested',
    by: request.actor,
    summary: request.reason,
    details: undefined,
    format: undefined,
    content: undefined,
    envelope: undefined,
    signer: undefined,
    at,
    expiresAt: undefined,
    milliseconds: 0,
    run: undefined,
  });
  await tx.events.append({
    kind: request.verdict === 'PASS' ? 'release.signed-off' : 'release.sign-off-refused',
    actor: request.actor,
    at,
    project: project.id,
    environment: environment.id,
    release: release.id,
    data: { evidence: id, reason: request.reason },
  });
  await wakeProject(world, tx, project.id);
  return { evidence: id, release: release.id };
}

async function refuseAuthor(
  world: World,
  tx: Transaction,
  { project, release, actor }: { project: Project; release: StoredRelease; actor: string },
): Promise<void> {
  const environments = (await tx.environments.ofProject(project.id)).filter(asksForSignOff);
  for (const { id } of environments) {
    const facts = await tx.environments.facts(id, { now: world.clock.now(), alsoRelease: release.id });
    if (facts.trust.separation === 'none') return;
    const commits = factsOf(facts, release.id).proofs.commits?.commits ?? [];
    const own = commits.find(({ authors }) => authors.includes(actor));
    if (own !== undefined)
      throw new Failure(
        'sign-off/refused',
        `${actor} wrote ${own.id.slice(0, 10)} ${own.subject}, which is part of it`,
        {
          hint: 'somebody else with the role qa has to try it',
          reason: 'SIGNER_IS_AUTHOR',
        },
      );
  }
}

function asksForSignOff({ spec, retired }: Environment): boolean {
  return !retired && spec.gates.some(({ gate }) => gate === 'qa');
}

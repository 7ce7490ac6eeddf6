/** Verifies again what already runs (R3: the latest verdict counts), on demand or on schedule. */
import { asFailure, Failure } from '../../domain/base/failure.ts';
import type { EnvironmentId, ReleaseId } from '../../domain/base/id.ts';
import { plus, type Instant } from '../../domain/base/time.ts';
import type { DeploymentRow, Environment, Project, StoredRelease } from '../../ports/records.ts';
import type { Transaction } from '../../ports/store.ts';
import { actors } from '../announce.ts';
import { bringToLife } from './deployment.ts';
import { findEnvironment, findProject } from '../find.ts';
import { judgeAgain } from '../trigger/judge-events.ts';
import { reconcileAll } from './reconcile.ts';
import { whileTouching } from '../touching.ts';
import { verify, type Verified } from './verification.ts';
import { newId, type World } from '../world.ts';

export interface ReverifyRequest {
  readonly project: string | undefined;
  readonly environment: string;
  readonly actor: string;
}

export async function requestVerificationIn(
  world: World,
  tx: Transaction,
  request: ReverifyRequest,
): Promise<{ request: string; release: ReleaseId }> {
  const project = await findProject(tx, request.project);
  const named = await findEnvironment(tx, project.id, request.environment);
  const environment = (await tx.environments.lock(named.id))!;
  if (environment.spec.verification === 'none')
    throw new Failure('input/invalid', `${environment.spec.name} has nothing to verify (verify: none)`);
  const running = environment.deployment === undefined ? undefined : await tx.deployments.get(environment.deployment);
  if (running === undefined) throw new Failure('input/invalid', `nothing runs in ${environment.spec.name} yet`);
  const id = await openRequest(world, tx, { environment, release: running.release, by: request.actor });
  if (id === undefined) throw new Failure('request/conflict', `${environment.spec.name} is being verified already`);
  return { request: id, release: running.release };
}

/** From the sweep: the time set by `verify.every` has come. */
export async function requestScheduled(world: World, id: EnvironmentId): Promise<void> {
  await world.store.transaction(async (tx) => {
    const environment = await tx.environments.lock(id);
    const running =
      environment?.deployment === undefined ? undefined : await tx.deployments.get(environment.deployment);
    if (environment === undefined) return;
    const { verification } = environment.spec;
    const every = verification === 'none' ? undefined : verification.every;
    await tx.environments.setVerifyDue(id, every === undefined ? undefined : plus(world.clock.now(), every));
    if (running === undefined || every === undefined || environment.lease !== undefined) return;
    await openRequest(world, tx, { environment, release: running.release, by: actors.engine });
  });
  world.jobs.kick('verify');
}

async function openRequest(
  world: World,
  tx: Transaction,
  { environment, release, by }: { environment: Environment; release: ReleaseId; by: string },
): Promise<string | undefined> {
  const at = world.clock.now();
  const id = newId(world, 'vrq');
  if (!(await tx.verificationRequests.insert({ id, environment: environment.id, release, by, at, state: 'waiting' })))
    return undefined;
  await tx.events.append({
    kind: 'verification.requested',
    actor: by,
    at,
    project: environment.project,
    environment: environment.id,
    release,
    data: { request: id },
  });
  await tx.enqueue({ kind: 'verify', environment: environment.id, release, request: id });
  return id;
}

/** The job. Commands are adopted by key when it is repeated. */
export async function reverify(world: World, request: string, signal: AbortSignal): Promise<void> {
  const subject = await world.store.transaction((tx) => load(tx, request));
  if (subject === undefined) return;
  const { environment, release } = subject;
  const key = `verify/${request}`;
  const touch = (tx: Transaction, at: Instant) => tx.verificationRequests.touch(request, at);
  const verified = await whileTouching(world, touch, () => attempt(world, { key, ...subject }, signal));
  if (!verified.done)
    throw new Failure('lease/lost', `verification ${request} is left to another worker: this one is stopping`);
  const woken = await world.store.transaction((tx) =>
    record(world, tx, { request, environment: environment.id, release: release.id, number: release.number, verified }),
  );
  await world.workspaces.remove(key);
  await reconcileAll(world, woken);
}

/** What keeps the commands from being run at all is no verdict on the release. */
async function attempt(
  world: World,
  { key, environment, project, release, row }: Subject & { key: string },
  signal: AbortSignal,
): Promise<Verified> {
  try {
    const { variables, hide } = await bringToLife(world, { row, environment, release, project });
    return await verify(world, { key, release, environment, promotion: undefined, variables, hide }, signal);
  } catch (thrown) {
    const failure = asFailure(thrown);
    if (failure.code === 'database/unreachable') throw failure;
    return {
      done: true,
      verdict: 'INCONCLUSIVE',
      summary: `it could not be verified: ${failure.message}`,
      evidence: [],
    };
  }
}

interface Subject {
  readonly environment: Environment;
  readonly project: Project;
  readonly release: StoredRelease;
  readonly row: DeploymentRow;
}

async function load(tx: Transaction, id: string): Promise<Subject | undefined> {
  const request = await tx.verificationRequests.get(id);
  if (request === undefined || request.state === 'ended') return undefined;
  const environment = await tx.environments.get(request.environment);
  const project = environment && (await tx.projects.get(environment.project));
  const release = await tx.releases.get(request.release);
  const row = await tx.deployments.lastOf(request.environment, request.release);
  if (environment === undefined || project === undefined || release === undefined || row === undefined)
    return undefined;
  return { environment, project, release, row };
}

/** A verdict counts only for what still runs: a release replaced meanwhile is not judged by its successor's behaviour. */
async function record(
  world: World,
  tx: Transaction,
  done: {
    request: string;
    environment: EnvironmentId;
    release: ReleaseId;
    number: number;
    verified: Verified & { done: true };
  },
): Promise<readonly EnvironmentId[]> {
  const environment = (await tx.environments.lock(done.environment))!;
  const request = await tx.verificationRequests.get(done.request);
  if (request === undefined || request.state === 'ended') return [];
  const at = world.clock.now();
  const { verdict, summary, evidence } = done.verified;
  const running = environment.deployment === undefined ? undefined : await tx.deployments.get(environment.deployment);
  const current = running?.release === done.release && environment.lease === undefined;
  await tx.verificationRequests.end(done.request, {
    verdict: current ? verdict : 'INCONCLUSIVE',
    reason: current ? summary : 'another release took its place meanwhile',
    at,
  });
  if (!current) return [];
  for (const piece of evidence) await tx.evidence.insert(piece);
  // R3: only a FAIL takes a verification back; not being able to tell takes nothing.
  const standing = await tx.verifications.find(done.environment, done.release);
  const tells = verdict !== 'INCONCLUSIVE' || standing?.verdict !== 'PASS';
  if (tells)
    await tx.verifications.record({
      environment: done.environment,
      release: done.release,
      number: done.number,
      id: newId(world, 'vrd'),
      verdict,
      at,
      reason: summary,
    });
  const about = {
    actor: actors.engine,
    at,
    project: environment.project,
    environment: done.environment,
    release: done.release,
  };
  const kind = tells ? 'release.verified' : 'verification.inconclusive';
  await tx.events.append({ kind, ...about, data: { verdict, summary, again: true } });
  if (verdict === 'FAIL')
    await tx.events.append({
      kind: 'environment.paged',
      ...about,
      data: { message: `what runs no longer passes its verification: ${summary}` },
    });
  const release = await tx.releases.get(done.release);
  if (release !== undefined)
    await judgeAgain(world, tx, { project: environment.project, commit: release.content.commit });
  return tx.environments.wakeDownstream(done.environment, at);
}

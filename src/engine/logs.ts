/** Output of builds, promotions and services, as far as it is kept on this machine. */
import { Failure } from '../domain/base/failure.ts';
import type { DeploymentId, EnvironmentId } from '../domain/base/id.ts';
import type { Transaction } from '../ports/store.ts';
import { findEnvironment, findProject } from './find.ts';
import type { World } from './world.ts';

export interface LogRequest {
  readonly project: string | undefined;
  /** `build/12`, a promotion's id, or an environment's name. */
  readonly subject: string;
  readonly bytes: number;
}

export interface LogPiece {
  readonly run: string;
  /** Of a service: which of its instances wrote it. */
  readonly instance: number | null;
  readonly state: 'running' | 'ended' | 'lost';
  readonly text: string;
}

/** The pieces in the order in which they ran. @throws Failure `request/not-found` when nothing is kept. */
export async function logs(world: World, request: LogRequest): Promise<readonly LogPiece[]> {
  const prefixes = await world.store.transaction((tx) => prefixesOf(tx, request));
  const runs = (await Promise.all(prefixes.map((prefix) => world.processes.list(prefix)))).flat();
  const started = runs.filter(({ state }) => state.state !== 'absent');
  if (started.length === 0)
    throw new Failure('request/not-found', `no output is kept of ${request.subject}`, {
      hint: 'build/<number>, a promotion id, or an environment',
    });
  const sorted = started.sort(
    (left, right) => startOf(left.state) - startOf(right.state) || (left.key < right.key ? -1 : 1),
  );
  return Promise.all(
    sorted.map(
      async ({ key, state }) =>
        ({
          run: key,
          instance: instanceIn(key),
          state: state.state === 'running' ? 'running' : state.state === 'lost' ? 'lost' : 'ended',
          text: await world.processes.tail(key, request.bytes),
        }) as const,
    ),
  );
}

async function prefixesOf(tx: Transaction, request: LogRequest): Promise<readonly string[]> {
  if (request.subject.startsWith('prm_')) {
    const promotion = await tx.promotions.get(request.subject as never);
    const deployments = promotion === undefined ? [] : await tx.deployments.ofPromotion(promotion.promotion.id);
    return [`promotion/${request.subject}/`, ...deployments.flatMap(({ id, environment }) => runsOf(environment, id))];
  }
  const project = await findProject(tx, request.project);
  const build = /^build\/#?(\d+)$/.exec(request.subject);
  if (build !== null) {
    const found = (await tx.builds.recent(project.id, 1_000)).find(({ number }) => number === Number(build[1]));
    if (found === undefined) throw new Failure('request/not-found', `there is no ${request.subject}`);
    return [`build/${found.id}/`];
  }
  const environment = await findEnvironment(tx, project.id, request.subject);
  const row = environment.deployment === undefined ? undefined : await tx.deployments.get(environment.deployment);
  return row === undefined ? [] : [row.id, ...row.continues].flatMap((id) => runsOf(environment.id, id));
}

/** A deployment may go on with what was started for the one before it. */
function runsOf(environment: EnvironmentId, deployment: DeploymentId): readonly string[] {
  return [`service/${environment}/${deployment}`, `deploy/${deployment}`];
}

/** `service/<environment>/<deployment>`, with the number of the instance behind it unless it is the first. */
function instanceIn(key: string): number | null {
  const [kind, , , instance = '1'] = key.split('/');
  return kind === 'service' ? Number(instance) : null;
}

function startOf(state: { readonly state: string; readonly startedAt?: number }): number {
  return state.startedAt ?? 0;
}

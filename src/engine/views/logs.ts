/** Output of builds, promotions and services, as far as it is kept on this machine. */
import { Failure } from '../../domain/base/failure.ts';
import type { DeploymentId, EnvironmentId } from '../../domain/base/id.ts';
import type { RunState } from '../../ports/processes.ts';
import type { DeploymentRow, Transaction } from '../../ports/store.ts';
import { findEnvironment, findProject } from '../find.ts';
import type { World } from '../world.ts';

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
  const subject = await world.store.transaction((tx) => subjectOf(tx, request));
  const pieces = [
    ...(await Promise.all(subject.prefixes.map((prefix) => ofCommands(world, prefix, request.bytes)))).flat(),
    ...(await Promise.all(subject.deployments.map((row) => ofTarget(world, row, request.bytes)))).flat(),
  ];
  if (pieces.length === 0)
    throw new Failure('request/not-found', `no output is kept of ${request.subject}`, {
      hint: 'build/<number>, a promotion id, or an environment',
    });
  return pieces
    .sort((left, right) => startOf(left.state) - startOf(right.state) || (left.run < right.run ? -1 : 1))
    .map((piece) => ({ ...piece, state: wordOf(piece.state) }));
}

interface Piece extends Omit<LogPiece, 'state'> {
  readonly state: RunState;
}

async function ofCommands(world: World, prefix: string, bytes: number): Promise<readonly Piece[]> {
  const runs = (await world.processes.list(prefix)).filter(({ state }) => state.state !== 'absent');
  return Promise.all(
    runs.map(async ({ key, state }) => ({
      run: key,
      instance: instanceIn(key),
      state,
      text: await world.processes.tail(key, bytes),
    })),
  );
}

async function ofTarget(world: World, row: DeploymentRow, bytes: number): Promise<readonly Piece[]> {
  const target = world.targets[row.snapshot.target.kind];
  return (await target.output?.(row.environment, [row.id, ...row.continues], bytes)) ?? [];
}

interface Subject {
  /** Of keys of commands. */
  readonly prefixes: readonly string[];
  readonly deployments: readonly DeploymentRow[];
}

async function subjectOf(tx: Transaction, request: LogRequest): Promise<Subject> {
  if (request.subject.startsWith('prm_')) {
    const promotion = await tx.promotions.get(request.subject as never);
    const deployments = promotion === undefined ? [] : await tx.deployments.ofPromotion(promotion.promotion.id);
    return {
      prefixes: [
        `promotion/${request.subject}/`,
        ...deployments.flatMap(({ id, environment }) => runsOf(environment, id)),
      ],
      deployments: deployments.map((row) => ({ ...row, continues: [] })),
    };
  }
  const project = await findProject(tx, request.project);
  const build = /^build\/#?(\d+)$/.exec(request.subject);
  if (build !== null) {
    const found = (await tx.builds.recent(project.id, 1_000)).find(({ number }) => number === Number(build[1]));
    if (found === undefined) throw new Failure('request/not-found', `there is no ${request.subject}`);
    return { prefixes: [`build/${found.id}/`], deployments: [] };
  }
  const environment = await findEnvironment(tx, project.id, request.subject);
  const row =
    environment.deployment === undefined
      ? await lastTried(tx, environment.id)
      : await tx.deployments.get(environment.deployment);
  if (row === undefined) return { prefixes: [], deployments: [] };
  return { prefixes: [row.id, ...row.continues].flatMap((id) => runsOf(environment.id, id)), deployments: [row] };
}

/** Where nothing runs, what was tried last is what people ask for. */
async function lastTried(tx: Transaction, environment: EnvironmentId): Promise<DeploymentRow | undefined> {
  const [latest] = await tx.promotions.list({ environment, limit: 1 });
  return latest && (await tx.deployments.ofPromotion(latest.promotion.id)).at(-1);
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

function startOf(state: RunState): number {
  return state.state === 'absent' ? 0 : state.startedAt;
}

function wordOf({ state }: RunState): LogPiece['state'] {
  return state === 'running' || state === 'lost' ? state : 'ended';
}

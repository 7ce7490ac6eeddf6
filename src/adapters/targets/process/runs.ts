/** The runs of an environment's services: how they are named, started and told about. */
import { Failure } from '../../../domain/base/failure.ts';
import type { DeploymentId, EnvironmentId } from '../../../domain/base/id.ts';
import type { Artifacts } from '../../../ports/artifacts.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { Probe } from '../../../ports/probe.ts';
import type { Processes, RunState } from '../../../ports/processes.ts';
import type { Deployment } from '../../../ports/target.ts';
import { ending } from '../ending.ts';

export interface ProcessTargetParts {
  readonly artifacts: Artifacts;
  readonly processes: Processes;
  readonly probe: Probe;
  readonly clock: Clock;
}

/** How much of a failed service's output is told. */
const tailBytes = 4_096;
const flushPatienceMs = 2_000;
const lookMs = 100;
/** A death that the keeper mends at once is no outage; what is still down after another look is one. */
const secondLookMs = 750;

const logging = { logFileBytes: 10 * 2 ** 20, logFiles: 5 };
const restarting = { restartMinMs: 250, restartMaxMs: 30_000 };

export function prefixOf(environment: EnvironmentId): string {
  return `service/${environment}/`;
}

export function keyOf({ environment, id }: { environment: Deployment['environment']; id: DeploymentId }): string {
  return `${prefixOf(environment.id)}${id}`;
}

/** Asked before anything is stopped. */
export function startCommandOf({ service, release }: Deployment): string {
  if (service.start !== undefined) return service.start;
  throw new Failure('target/unsupported', `release #${release.number} does not say how its service starts`, {
    hint: 'Write service.start in the pipeline file, or give the environment a target of kind command.',
  });
}

/** Starts the service of a deployment at a port, or adopts it when it was ever started. */
export function startService(
  { processes }: ProcessTargetParts,
  deployment: Deployment,
  where: { readonly directory: string; readonly port: number | undefined },
): Promise<RunState> {
  const port = where.port === undefined ? undefined : String(where.port);
  return processes.start({
    key: keyOf(deployment),
    command: startCommandOf(deployment),
    directory: where.directory,
    hide: deployment.hide,
    environment: { ...deployment.variables, ...(port === undefined ? {} : { PORT: port }) },
    lifetime: { kind: 'service', ...logging, ...restarting },
    ...(port === undefined ? {} : { note: port }),
  });
}

export async function stopRuns(
  processes: Processes,
  environment: EnvironmentId,
  { graceMs, except }: { graceMs: number; except?: string },
): Promise<void> {
  const runs = await processes.list(prefixOf(environment));
  const running = runs.filter(({ key, state }) => state.state === 'running' && key !== except);
  await Promise.all(running.map(({ key }) => processes.stop(key, graceMs)));
}

/** The death of a service may be seen before what it wrote last has reached its log, so an empty log gets time. */
export async function lastWords({ processes, clock }: ProcessTargetParts, key: string): Promise<string> {
  const begin = clock.now();
  for (let before = ''; ; await clock.sleep(lookMs)) {
    const output = await processes.tail(key, tailBytes);
    const complete = output !== '' && output === before;
    if (complete || clock.now() - begin >= flushPatienceMs) return output;
    before = output;
  }
}

/** How a service stands, looked at twice when it seems down. */
export async function steadyState({ processes, clock }: ProcessTargetParts, key: string): Promise<RunState> {
  const state = await processes.inspect(key);
  if (state.state !== 'running' || !state.down) return state;
  await clock.sleep(secondLookMs);
  return processes.inspect(key);
}

export function whyDown(state: RunState): string {
  if (state.state === 'absent') return 'this deployment was never started on this machine';
  if (state.state === 'running') return `the service died ${state.restarts + 1} times and waits for its next restart`;
  return `the service ${ending(state)}`;
}

export interface Run {
  readonly key: string;
  /** Names the run among the sides of the route. */
  readonly side: string;
  readonly state: RunState;
  readonly port: number | undefined;
  /** Its own address; the one of the environment may lead elsewhere. */
  readonly url: string | undefined;
}

/** The deployment's own run; before it has one, an earlier one that still runs and that it may go on with. */
export async function findRun(processes: Processes, deployment: Deployment): Promise<Run> {
  const own = keyOf(deployment);
  const state = await processes.inspect(own);
  if (state.state !== 'absent') return toRun(own, deployment.id, state);
  for (const id of deployment.continues) {
    const key = keyOf({ ...deployment, id });
    const earlier = await processes.inspect(key);
    if (earlier.state === 'running' && !earlier.down) return toRun(key, id, earlier);
  }
  return toRun(own, deployment.id, state);
}

function toRun(key: string, side: string, state: RunState): Run {
  const port = state.state === 'running' && state.note !== undefined ? Number(state.note) : undefined;
  return { key, side, state, port, url: port === undefined ? undefined : `http://127.0.0.1:${port}` };
}

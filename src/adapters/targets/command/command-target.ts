import { Failure } from '../../../domain/base/failure.ts';
import type { EnvironmentId } from '../../../domain/base/id.ts';
import type { TargetSpec } from '../../../domain/pipeline/environment.ts';
import type { Artifacts } from '../../../ports/artifacts.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { Probe } from '../../../ports/probe.ts';
import type { Processes, RunState } from '../../../ports/processes.ts';
import type { DeployAnswer, Deployment, Observed, Target } from '../../../ports/target.ts';
import type { Workspaces } from '../../../ports/workspaces.ts';
import type { Asked } from '../asked.ts';
import { ending } from '../ending.ts';
import { inWords, isHealthy, waitUntilHealthy } from '../health.ts';
import { neverStarted } from '../never-started.ts';
import { forgetOldRuns } from '../old-runs.ts';

export interface CommandTargetParts {
  readonly artifacts: Artifacts;
  readonly processes: Processes;
  readonly workspaces: Workspaces;
  readonly probe: Probe;
  readonly clock: Clock;
}

type CommandSpec = Extract<TargetSpec, { kind: 'command' }>;

const tailBytes = 4_096;
const outputLimitBytes = 32 * 2 ** 20;

/**
 * A command that deploys however it likes, run once for each deployment in a writable copy of the artifact. A
 * command that is still running for an earlier deployment is ended first: two at once would leave nobody knows what.
 * An empty command records and does nothing else.
 */
export function createCommandTarget(parts: CommandTargetParts): Target {
  return {
    prepare: async (deployment) => {
      if (specOf(deployment).deploy.trim() !== '') await parts.artifacts.unpack(deployment.release.artifact);
    },
    deploy: (deployment, signal, mayBegin) => deploy(parts, deployment, { signal, mayBegin }),
    inspect: (deployment) => inspect(parts, deployment),
    // What the command put aside is the command's.
    retire: () => Promise.resolve('done'),
    stop: (environment, graceMs) => stopRuns(parts, environment, { graceMs }),
  };
}

async function deploy(parts: CommandTargetParts, deployment: Deployment, asked: Asked): Promise<DeployAnswer> {
  const begin = parts.clock.now();
  const { deploy: command, url } = specOf(deployment);
  const failed = command.trim() === '' ? undefined : await runCommand(parts, deployment, asked);
  if (failed !== undefined) return failed;
  const unhealthy = await waitForHealth(parts, deployment, asked.signal);
  if (unhealthy !== undefined) return unhealthy;
  return { deployed: 'ready', url, milliseconds: parts.clock.now() - begin };
}

/** `undefined` when it exited with 0. */
async function runCommand(
  parts: CommandTargetParts,
  deployment: Deployment,
  { signal, mayBegin }: Asked,
): Promise<DeployAnswer | undefined> {
  const { processes, workspaces } = parts;
  const key = keyOf(deployment);
  if ((await processes.inspect(key)).state === 'absent') {
    if (signal.aborted || (await mayBegin?.()) === false) return { deployed: 'stopped', untouched: true };
    await stopRuns(parts, deployment.environment.id, { graceMs: deployment.service.stopGrace, except: key });
    const failed = await neverStarted(
      () => processes.inspect(key),
      () => start(parts, deployment),
    );
    if (failed !== undefined) return failed;
  }
  const state = await processes.wait(key, signal);
  if (state.state === 'running') return { deployed: 'stopped' };
  await workspaces.remove(key);
  const ofEnvironment = async () =>
    (await runsOf(processes, deployment.environment.id)).map((run) => ({ ...run, deployment: run.key }));
  await forgetOldRuns(ofEnvironment, processes.forget);
  if (succeeded(state)) return undefined;
  const because =
    state.state === 'absent' ? 'what was started is no longer on record' : `the deploy command ${ending(state)}`;
  return { deployed: 'unknown', because, output: await processes.tail(key, tailBytes) };
}

async function start(parts: CommandTargetParts, deployment: Deployment): Promise<void> {
  const { deploy: command, timeout, url } = specOf(deployment);
  const key = keyOf(deployment);
  const artifact = await parts.artifacts.unpack(deployment.release.artifact);
  await parts.processes.start({
    key,
    command,
    directory: await parts.workspaces.copyOf(artifact, key),
    hide: deployment.hide,
    environment: { ...deployment.variables, ...(url !== undefined && { LIFTLOCK_URL: url }) },
    lifetime: { kind: 'task', timeoutMs: timeout, outputLimitBytes },
  });
}

function succeeded(state: RunState): boolean {
  return state.state === 'exited' && state.cause === 'exited' && state.exitCode === 0;
}

/** `undefined` when it is healthy, or when there is nothing to ask. */
async function waitForHealth(
  parts: CommandTargetParts,
  deployment: Deployment,
  signal: AbortSignal,
): Promise<DeployAnswer | undefined> {
  const { health } = deployment.service;
  const address = healthUrlOf(deployment);
  if (address === undefined || health.kind !== 'http') return undefined;
  const answer = await waitUntilHealthy(parts, address, {
    deadlineMs: health.deadline,
    timeoutMs: health.timeout,
    signal,
  });
  if (answer.healthy) return undefined;
  if (signal.aborted) return { deployed: 'stopped' };
  return {
    deployed: 'not-ready',
    because: answer.because,
    output: await parts.processes.tail(keyOf(deployment), tailBytes),
    replaced: true,
  };
}

async function inspect({ probe }: CommandTargetParts, deployment: Deployment): Promise<Observed> {
  const { health } = deployment.service;
  const address = healthUrlOf(deployment);
  if (address === undefined || health.kind !== 'http') return { observed: 'unknown' };
  const answer = await probe.http(address, { timeoutMs: health.timeout });
  if (!isHealthy(answer)) return { observed: 'down', because: `${address}: ${inWords(answer)}` };
  return {
    observed: 'running',
    url: specOf(deployment).url,
    restarts: 0,
    instances: { up: 1, wanted: 1, lost: 0, because: undefined },
    crowded: false,
    usage: undefined,
  };
}

/** The path is the service's own, below whatever path the environment's address has. */
function healthUrlOf(deployment: Deployment): string | undefined {
  const { health } = deployment.service;
  const { url } = specOf(deployment);
  if (url === undefined || health.kind !== 'http') return undefined;
  return `${url.replace(/\/+$/, '')}/${health.path.replace(/^\/+/, '')}`;
}

async function stopRuns(
  { processes, workspaces }: CommandTargetParts,
  environment: EnvironmentId,
  { graceMs, except }: { graceMs: number; except?: string },
): Promise<void> {
  const runs = await runsOf(processes, environment);
  const running = runs.filter(({ key, state }) => key !== except && state.state === 'running');
  await Promise.all(
    running.map(async ({ key }) => {
      await processes.stop(key, graceMs);
      await workspaces.remove(key);
    }),
  );
}

async function runsOf(processes: Processes, environment: EnvironmentId): ReturnType<Processes['list']> {
  return (await processes.list('deploy/')).filter(({ key }) => key.endsWith(`/${environment}`));
}

/** The deployment comes first, so that its output is found without knowing the environment. */
function keyOf({ id, environment }: Deployment): string {
  return `deploy/${id}/${environment.id}`;
}

function specOf({ target, environment }: Deployment): CommandSpec {
  if (target.kind === 'command') return target;
  throw new Failure(
    'target/unsupported',
    `${environment.name} has a target of kind ${target.kind}, not one with commands`,
  );
}

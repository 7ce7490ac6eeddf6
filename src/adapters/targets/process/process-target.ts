import { Failure } from '../../../domain/base/failure.ts';
import type { EnvironmentId } from '../../../domain/base/id.ts';
import type { Artifacts } from '../../../ports/artifacts.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { Probe } from '../../../ports/probe.ts';
import type { Processes, RunState } from '../../../ports/processes.ts';
import type { DeployAnswer, Deployment, Observed, Target } from '../../../ports/target.ts';
import { ending } from '../ending.ts';
import { neverStarted } from '../never-started.ts';
import { forgetOldRuns } from '../old-runs.ts';
import { holderOf, isTaken } from './port.ts';
import { waitUntilReady } from './readiness.ts';

export interface ProcessTargetParts {
  readonly artifacts: Artifacts;
  readonly processes: Processes;
  readonly probe: Probe;
  readonly clock: Clock;
}

/** How much of a failed service's output is told. */
const tailBytes = 4_096;

/** What a port needs at most to be free again after its service was stopped. */
const portPatienceMs = 2_000;
const flushPatienceMs = 2_000;
const lookMs = 100;

const logging = { logFileBytes: 10 * 2 ** 20, logFiles: 5 };
const restarting = { restartMinMs: 250, restartMaxMs: 30_000 };

/**
 * The service as a process of this machine, one at a time: the earlier one is stopped before the next one starts, because both
 * have the same port. A service that did not become ready is left as it is, for the next deployment to
 * replace; its keeper goes on trying to restart it.
 */
export function createProcessTarget(parts: ProcessTargetParts): Target {
  return {
    prepare: async (deployment) => {
      startCommandOf(deployment);
      await parts.artifacts.unpack(deployment.release.artifact);
    },
    deploy: (deployment, signal) => deploy(parts, deployment, signal),
    inspect: (deployment) => inspect(parts, deployment),
    stop: (environment, graceMs) => stopRuns(parts.processes, environment, { graceMs }),
  };
}

async function deploy(parts: ProcessTargetParts, deployment: Deployment, signal: AbortSignal): Promise<DeployAnswer> {
  const { processes, clock } = parts;
  const begin = clock.now();
  const key = keyOf(deployment);
  if ((await processes.inspect(key)).state === 'absent') {
    const directory = await parts.artifacts.unpack(deployment.release.artifact);
    if (signal.aborted) return { deployed: 'stopped' };
    const failed = await takeOver(parts, deployment, directory);
    if (failed !== undefined) return failed;
  }
  const readiness = await waitUntilReady(parts, {
    key,
    url: urlOf(deployment),
    health: deployment.service.health,
    signal,
  });
  await forgetOldRuns(processes, prefixOf(deployment.environment.id), (run) =>
    run.startsWith(prefixOf(deployment.environment.id)),
  );
  if (readiness.ready) return { deployed: 'ready', url: urlOf(deployment), milliseconds: clock.now() - begin };
  if (signal.aborted) return { deployed: 'stopped' };
  // Ended by the machine or by somebody, not by itself: that says nothing about the release.
  const state = await processes.inspect(key);
  if (state.state === 'lost' || (state.state === 'exited' && state.cause === 'stopped'))
    return { deployed: 'unknown', because: readiness.because, output: await lastWords(parts, key) };
  return { deployed: 'not-ready', because: readiness.because, output: await lastWords(parts, key) };
}

/** The death of a service may be seen before what it wrote last has reached its log, so an empty log gets time. */
async function lastWords({ processes, clock }: ProcessTargetParts, key: string): Promise<string> {
  const begin = clock.now();
  for (let before = ''; ; await clock.sleep(lookMs)) {
    const output = await processes.tail(key, tailBytes);
    const complete = output !== '' && output === before;
    if (complete || clock.now() - begin >= flushPatienceMs) return output;
    before = output;
  }
}

async function takeOver(
  parts: ProcessTargetParts,
  deployment: Deployment,
  directory: string,
): Promise<DeployAnswer | undefined> {
  const { processes } = parts;
  const { service, port, environment, variables } = deployment;
  const command = startCommandOf(deployment);
  const key = keyOf(deployment);
  return neverStarted(processes, key, async () => {
    await stopRuns(processes, environment.id, { graceMs: service.stopGrace, except: key });
    if (port !== undefined) await waitForPort(parts, deployment, port);
    await processes.start({
      key,
      command,
      directory,
      environment: { ...variables, ...(port !== undefined && { PORT: String(port) }) },
      lifetime: { kind: 'service', ...logging, ...restarting },
    });
  });
}

/** Asked before anything is stopped. */
function startCommandOf({ service, release }: Deployment): string {
  if (service.start !== undefined) return service.start;
  throw new Failure('target/unsupported', `release #${release.number} does not say how its service starts`, {
    hint: 'Write service.start in the pipeline file, or give the environment a target of kind command.',
  });
}

/** The new release is not to blame for a port that stays taken, so that is a failure and no answer about readiness. */
async function waitForPort(
  { processes, clock }: ProcessTargetParts,
  deployment: Deployment,
  port: number,
): Promise<void> {
  const begin = clock.now();
  while (await isTaken(port)) {
    // Somebody else who carries out the same deployment was faster: then the port is in the right hands.
    if ((await processes.inspect(keyOf(deployment))).state !== 'absent') return;
    if (clock.now() - begin >= portPatienceMs) throw await portTaken(deployment.environment.name, port);
    await clock.sleep(lookMs);
  }
}

async function portTaken(environment: string, port: number): Promise<Failure> {
  const holder = await holderOf(port);
  const by = holder === undefined ? 'another process' : `process ${holder.pid} (${holder.name})`;
  return new Failure('target/failed', `port ${port} of ${environment} is taken by ${by}`, {
    hint: `Stop ${holder === undefined ? 'what listens there' : `process ${holder.pid}`}, or give the environment another port, then deploy again.`,
  });
}

/** A death that the keeper mends at once is no outage; what is still down after another look is one. */
const secondLookMs = 750;

async function inspect({ processes, clock }: ProcessTargetParts, deployment: Deployment): Promise<Observed> {
  const key = keyOf(deployment);
  let state = await processes.inspect(key);
  if (state.state === 'running' && state.down) {
    await clock.sleep(secondLookMs);
    state = await processes.inspect(key);
  }
  if (state.state !== 'running' || state.down) return { observed: 'down', because: whyDown(state) };
  return { observed: 'running', url: urlOf(deployment), restarts: state.restarts, usage: await processes.usage(key) };
}

function whyDown(state: RunState): string {
  if (state.state === 'absent') return 'this deployment was never started on this machine';
  if (state.state === 'running') return `the service died ${state.restarts + 1} times and waits for its next restart`;
  return `the service ${ending(state)}`;
}

async function stopRuns(
  processes: Processes,
  environment: EnvironmentId,
  { graceMs, except }: { graceMs: number; except?: string },
): Promise<void> {
  const runs = await processes.list(prefixOf(environment));
  const running = runs.filter(({ key, state }) => state.state === 'running' && key !== except);
  await Promise.all(running.map(({ key }) => processes.stop(key, graceMs)));
}

function prefixOf(environment: EnvironmentId): string {
  return `service/${environment}/`;
}

function keyOf({ environment, id }: Deployment): string {
  return `${prefixOf(environment.id)}${id}`;
}

function urlOf({ port }: Deployment): string | undefined {
  return port === undefined ? undefined : `http://127.0.0.1:${port}`;
}

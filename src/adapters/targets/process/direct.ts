import { Failure } from '../../../domain/base/failure.ts';
import type { DeployAnswer, Deployment, Observed, Target } from '../../../ports/target.ts';
import { neverStarted } from '../never-started.ts';
import { forgetOldRuns } from '../old-runs.ts';
import { holderOf, isTaken } from './port.ts';
import { waitUntilReady } from './readiness.ts';
import {
  keyOf,
  lastWords,
  prefixOf,
  startCommandOf,
  startService,
  steadyState,
  stopRuns,
  whyDown,
  type ProcessTargetParts,
} from './runs.ts';

/** What a port needs at most to be free again after its service was stopped. */
const portPatienceMs = 2_000;
const lookMs = 100;

/**
 * The service as a process that listens at the environment's port itself: the earlier one is stopped before the next one
 * starts, because both have the same port. A service that did not become ready is left as it is, for the next deployment to
 * replace; its keeper goes on trying to restart it.
 */
export function createDirectTarget(parts: ProcessTargetParts): Target {
  return {
    prepare: async (deployment) => {
      startCommandOf(deployment);
      await parts.artifacts.unpack(deployment.release.artifact);
    },
    deploy: (deployment, signal) => deploy(parts, deployment, signal),
    inspect: (deployment) => inspect(parts, deployment),
    // The port was theirs: there is nothing left of them.
    retire: () => Promise.resolve('done'),
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
  return { deployed: 'not-ready', because: readiness.because, output: await lastWords(parts, key), replaced: true };
}

async function takeOver(
  parts: ProcessTargetParts,
  deployment: Deployment,
  directory: string,
): Promise<DeployAnswer | undefined> {
  const { processes } = parts;
  const { service, port, environment } = deployment;
  const key = keyOf(deployment);
  startCommandOf(deployment);
  return neverStarted(processes, key, async () => {
    await stopRuns(processes, environment.id, { graceMs: service.stopGrace, except: key });
    if (port !== undefined) await waitForPort(parts, deployment, port);
    await startService(parts, deployment, { directory, port });
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

async function inspect(parts: ProcessTargetParts, deployment: Deployment): Promise<Observed> {
  const key = keyOf(deployment);
  const state = await steadyState(parts, key);
  if (state.state !== 'running' || state.down) return { observed: 'down', because: whyDown(state) };
  const usage = await parts.processes.usage(key);
  return { observed: 'running', url: urlOf(deployment), restarts: state.restarts, crowded: false, usage };
}

function urlOf({ port }: Deployment): string | undefined {
  return port === undefined ? undefined : `http://127.0.0.1:${port}`;
}

/**
 * A release starts beside the one that serves, and gets the requests when it is ready; what it replaced goes on until nothing
 * is under way there. Between them and the users stands the edge, which keeps the environment's address. A release that
 * did not become ready is left as it is, without a request, until the next one serves or the one before is looked after.
 */
import { createHash } from 'node:crypto';
import { Failure } from '../../../domain/base/failure.ts';
import type { DeployAnswer, Deployment, Observed, Target } from '../../../ports/target.ts';
import type { Route, RouteState, Traffic } from '../../../ports/traffic.ts';
import { neverStarted } from '../never-started.ts';
import { forgetOldRuns } from '../old-runs.ts';
import { holderOf, isTaken } from './port.ts';
import { waitUntilReady } from './readiness.ts';
import {
  findRun,
  lastWords,
  prefixOf,
  startCommandOf,
  startService,
  steadyState,
  stopRuns,
  whyDown,
  type ProcessTargetParts,
  type Run,
} from './runs.ts';
import { here, look, share, wholeWeight } from './share.ts';

export interface BesideParts extends ProcessTargetParts {
  readonly traffic: Traffic;
}

/** Ports of instances: below those that the kernel gives to outgoing connections, above those of environments. */
const firstPort = 17_500;
const ports = 10_000;
/** How long what was replaced may go on with what is under way there. */
const drainMs = 30_000;

export function createBesideTarget(parts: BesideParts): Target {
  return {
    prepare: async (deployment) => {
      startCommandOf(deployment);
      await parts.artifacts.unpack(deployment.release.artifact);
    },
    deploy: (deployment, signal) => deploy(parts, deployment, signal),
    inspect: (deployment) => inspect(parts, deployment),
    retire: (deployment) => retire(parts, deployment),
    beside: ({ aloneHoldMs }) =>
      aloneHoldMs === undefined
        ? {
            start: async (deployment, signal) => (await bringUp(parts, deployment, signal)).answer,
            share: (pair, wish) => share(parts, pair, wish),
            look: (pair) => look(parts, pair),
          }
        : undefined,
    async stop(environment, graceMs) {
      await parts.traffic.remove(environment, 0);
      await stopRuns(parts.processes, environment, { graceMs });
    },
  };
}

async function deploy(parts: BesideParts, deployment: Deployment, signal: AbortSignal): Promise<DeployAnswer> {
  const { answer, run } = await bringUp(parts, deployment, signal);
  if (answer.deployed !== 'ready' || run === undefined) return answer;
  await lead(parts, deployment, run);
  return { ...answer, url: urlOf(deployment) };
}

/** Until it is ready, without a request. */
async function bringUp(
  parts: BesideParts,
  deployment: Deployment,
  signal: AbortSignal,
): Promise<{ readonly answer: DeployAnswer; readonly run?: Run }> {
  const { processes, clock } = parts;
  const begin = clock.now();
  const found = await findRun(processes, deployment);
  if (deployment.aloneHoldMs !== undefined)
    await makeRoom(parts, deployment, { run: found, mostMs: deployment.aloneHoldMs });
  if (found.state.state === 'absent') {
    const directory = await parts.artifacts.unpack(deployment.release.artifact);
    if (signal.aborted) return { answer: { deployed: 'stopped' } };
    startCommandOf(deployment);
    const failed = await neverStarted(processes, found.key, async () => {
      await requireAddress(parts, deployment);
      await startService(parts, deployment, { directory, port: await freePort(deployment) });
    });
    if (failed !== undefined) return { answer: failed };
  }
  const run = await findRun(processes, deployment);
  const readiness = await waitUntilReady(parts, { ...run, health: deployment.service.health, signal });
  if (signal.aborted) return { answer: { deployed: 'stopped' } };
  if (readiness.ready) return { run, answer: { deployed: 'ready', url: run.url, milliseconds: clock.now() - begin } };
  const state = await processes.inspect(run.key);
  const output = await lastWords(parts, run.key);
  // Ended by the machine or by somebody, not by itself: that says nothing about the release.
  if (state.state === 'lost' || (state.state === 'exited' && state.cause === 'stopped')) {
    const because = `${readiness.because}${output === '' ? '' : `: ${output.trim()}`}`;
    return { answer: { deployed: 'not-started', because } };
  }
  const replaced = deployment.aloneHoldMs !== undefined;
  return { answer: { deployed: 'not-ready', because: readiness.because, output, replaced } };
}

/** How many requests wait at most while a service is replaced that may not run twice. */
const mostHeld = 10_000;
const drainLookMs = 50;

/** Ends what runs there; requests of users wait meanwhile, until the route is told anew or they have waited long enough. */
async function makeRoom(
  { processes, traffic, clock }: BesideParts,
  { environment, service }: Deployment,
  { run, mostMs }: { run: Run; mostMs: number },
): Promise<void> {
  const runs = await processes.list(prefixOf(environment.id));
  if (!runs.some(({ key, state }) => state.state === 'running' && key !== run.key)) return;
  const known = await traffic.inspect(environment.id);
  if (known !== undefined) await traffic.apply({ ...known.route, hold: { mostMs, mostRequests: mostHeld } });
  // What is under way there gets half of the time that the others wait.
  for (const begin = clock.now(); clock.now() - begin < mostMs / 2; await clock.sleep(drainLookMs)) {
    const sides = (await traffic.inspect(environment.id))?.sides ?? [];
    if (sides.every(({ inFlight }) => inFlight === 0)) break;
  }
  await stopRuns(processes, environment.id, { graceMs: service.stopGrace, except: run.key });
}

/** The new release is not to blame for an address that somebody else has. @throws Failure that names it. */
async function requireAddress({ traffic }: BesideParts, deployment: Deployment): Promise<void> {
  const { port, environment } = deployment;
  if (port === undefined || (await traffic.inspect(environment.id))?.route.listen.port === port) return;
  if (await isTaken(port)) throw await portTaken(deployment, port);
}

/** From the next request on everything goes to this run; what was there keeps its place, without new requests. */
async function lead({ traffic }: BesideParts, deployment: Deployment, run: Run): Promise<void> {
  const { environment, target, port } = deployment;
  if (port === undefined || run.port === undefined || target.kind !== 'process') return;
  const known = await traffic.inspect(environment.id);
  const others = (known?.route.sides ?? []).filter(({ name }) => name !== run.side);
  try {
    await traffic.apply({
      environment: environment.id,
      listen: { host: target.host ?? here, port },
      sides: [
        ...others.map((side) => ({ ...side, weight: 0 })),
        { name: run.side, weight: wholeWeight, instances: [{ host: here, port: run.port }] },
      ],
    });
  } catch (thrown) {
    throw thrown instanceof Failure && thrown.code === 'traffic/refused' ? await portTaken(deployment, port) : thrown;
  }
}

async function portTaken({ environment }: Deployment, port: number): Promise<Failure> {
  const holder = await holderOf(port);
  const by = holder === undefined ? 'another process' : `process ${holder.pid} (${holder.name})`;
  return new Failure('target/failed', `port ${port} of ${environment.name} is taken by ${by}`, {
    hint: `Stop ${holder === undefined ? 'what listens there' : `process ${holder.pid}`}, or give the environment another port, then deploy again.`,
  });
}

async function inspect(parts: BesideParts, deployment: Deployment): Promise<Observed> {
  const { key, side, port } = await findRun(parts.processes, deployment);
  const state = await steadyState(parts, key);
  if (state.state !== 'running' || state.down) return { observed: 'down', because: whyDown(state) };
  const route = await parts.traffic.inspect(deployment.environment.id);
  if (deployment.port !== undefined && !leadsTo(route?.route, { side, port, address: deployment.port }))
    return { observed: 'down', because: 'the service runs, but the address of its environment does not lead to it' };
  const runs = await parts.processes.list(prefixOf(deployment.environment.id));
  return {
    observed: 'running',
    url: urlOf(deployment),
    restarts: state.restarts,
    crowded: runs.some((run) => run.key !== key && run.state.state === 'running'),
    usage: await parts.processes.usage(key),
  };
}

function leadsTo(
  route: Route | undefined,
  to: { readonly side: string; readonly port: number | undefined; readonly address: number },
): boolean {
  if (route?.listen.port !== to.address) return false;
  const side = route.sides.find(({ name }) => name === to.side);
  return side?.weight === wholeWeight && side.instances.some(({ port }) => port === to.port);
}

async function retire(parts: BesideParts, deployment: Deployment): Promise<'draining' | 'done'> {
  const { processes, traffic, clock } = parts;
  const { environment, service } = deployment;
  const run = await findRun(parts.processes, deployment);
  const known = await traffic.inspect(environment.id);
  const others = (await processes.list(prefixOf(environment.id))).filter(
    ({ key, state }) => key !== run.key && state.state === 'running',
  );
  const draining = others.filter(({ key }) =>
    isUnderWay(known, key.slice(prefixOf(environment.id).length), clock.now()),
  );
  await Promise.all(
    others.filter((other) => !draining.includes(other)).map(({ key }) => processes.stop(key, service.stopGrace)),
  );
  if (draining.length > 0) return 'draining';
  if (known !== undefined && known.route.sides.length > 1)
    await traffic.apply({ ...known.route, sides: known.route.sides.filter(({ name }) => name === run.side) });
  await forgetOldRuns(processes, prefixOf(environment.id), (key) => key.startsWith(prefixOf(environment.id)));
  return 'done';
}

function isUnderWay(state: RouteState | undefined, name: string, now: number): boolean {
  const side = state?.sides.find((one) => one.name === name);
  if (side === undefined || side.inFlight + side.tunnels === 0) return false;
  return side.drainingSince === undefined || now - side.drainingSince < drainMs;
}

/** Begins to look at a place that differs between deployments, so that two that start at once seldom want the same port. */
async function freePort({ id }: Deployment): Promise<number> {
  const begin = createHash('sha256').update(id).digest().readUInt32BE() % ports;
  for (let index = 0; index < ports; index++) {
    const port = firstPort + ((begin + index) % ports);
    if (!(await isTaken(port))) return port;
  }
  throw new Failure('target/failed', `all ports from ${firstPort} to ${firstPort + ports - 1} are taken`, {
    hint: 'End what listens there, then deploy again.',
  });
}

function urlOf({ port }: Deployment): string | undefined {
  return port === undefined ? undefined : `http://${here}:${port}`;
}

/** Telling whoever leads the requests of an environment where they are to go, and waiting until nothing is under way any more. */
import { Failure } from '../../../domain/base/failure.ts';
import { usualTraffic } from '../../../domain/pipeline/traffic-spec.ts';
import type { Deployment } from '../../../ports/target.ts';
import { addressTaken, type Route, type RouteState, type Side, type Traffic } from '../../../ports/traffic.ts';
import type { RunningParts } from './bring-up.ts';
import { hostOf } from './environment-address.ts';
import type { Group } from './group.ts';
import { portTaken } from './port.ts';
import { isAt, type Run } from './runner.ts';

export interface BesideParts extends RunningParts {
  readonly traffic: Traffic;
}

export const wholeWeight = 10_000;
/** How long what was replaced may go on with what is under way there. */
export const drainMs = 30_000;
const lookMs = 50;
/** How long an instance goes on of which nobody can tell whether something is under way there. */
const blindDrainMs = 2_000;
/** A service that is not asked at a path is well when it takes a connection within this. */
const connectMs = 2_000;

/** @throws Failure that says who has the port of the environment. */
export async function tell(
  { traffic }: BesideParts,
  deployment: Deployment,
  route: Omit<Route, 'environment' | 'by' | 'listen' | 'classes' | 'limits'>,
): Promise<void> {
  const { environment, target, port, routes, limits } = deployment;
  if (port === undefined) return;
  const by = deployment.traffic ?? usualTraffic;
  try {
    const counted = routes === undefined ? {} : { classes: routes };
    const held = limits === undefined ? {} : { limits };
    const listen = { host: hostOf(target), port };
    await traffic.apply({ environment: environment.id, by, listen, ...counted, ...held, ...route });
  } catch (thrown) {
    if (!(thrown instanceof Failure && thrown.reason === addressTaken)) throw thrown;
    const wasThere = (await traffic.routeOf(environment.id))?.listen.port === port;
    throw await portTaken(environment.name, port, wasThere ? 'traffic/address-lost' : 'target/failed');
  }
}

/** Where the runs of a release are reached, and how they are asked whether they are well. */
export function sideWith(
  { name }: Group,
  { service, instances }: Deployment,
  runs: readonly Run[],
): Omit<Side, 'weight'> {
  const addresses = runs.flatMap(({ address }) => (address === undefined ? [] : [address]));
  if (instances === 1) return { name, instances: addresses };
  const { health } = service;
  return {
    name,
    instances: addresses,
    health: health.kind === 'http' ? { path: health.path, timeoutMs: health.timeout } : { timeoutMs: connectMs },
  };
}

/** Something is still under way at an instance that the route does not name any more. */
export function isLeaving(state: RouteState | undefined, run: Run, now: number): boolean {
  const here = state?.leaving?.find((one) => isAt(run, one));
  return here !== undefined && now - here.since < drainMs;
}

/** Resolves when nothing is under way at runs that get no new request, or their time is over. */
export async function drained(
  { traffic, clock }: BesideParts,
  { environment }: Deployment,
  runs: readonly Run[],
): Promise<void> {
  for (;;) {
    const state = await traffic.inspect(environment.id);
    if (state?.leaving === undefined) return clock.sleep(state === undefined ? 0 : blindDrainMs);
    if (!runs.some((run) => isLeaving(state, run, clock.now()))) return;
    await clock.sleep(lookMs);
  }
}

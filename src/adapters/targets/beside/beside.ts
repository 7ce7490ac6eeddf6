/**
 * A release starts beside the one that serves, and gets the requests when it is ready; what it replaced goes on until nothing
 * is under way there. Between them and the users stands whoever leads the requests, who keeps the environment's address. A release
 * that did not become ready is left as it is, without a request, until the next one serves or the one before is looked after.
 */
import type { DeployAnswer, Deployment, Observed, Target } from '../../../ports/target.ts';
import type { Route, RouteState } from '../../../ports/traffic.ts';
import type { Asked } from '../asked.ts';
import { forgetOldRuns } from '../old-runs.ts';
import { becomeReady, isBegun, mend, prepare, startAll } from './bring-up.ts';
import { findGroup, missingIn, observedOf, steadyGroup, stopAll, wantedOf, without, type Group } from './group.ts';
import { isTaken, portTaken } from './port.ts';
import { isAt, isUp, urlOf, type Run } from './runner.ts';
import { publicUrl } from './environment-address.ts';
import { drained, drainMs, isLeaving, tell, wholeWeight, type BesideParts } from './lead.ts';
import { resize } from './resize.ts';
import { look, share, sideOf } from './share.ts';
import { ask, endOne, hangingGrace } from './well.ts';

export function createBesideTarget(parts: BesideParts): Target {
  return {
    prepare: (deployment) => prepare(parts.runner, deployment),
    deploy: (deployment, signal, mayBegin) => deploy(parts, deployment, { signal, mayBegin }),
    inspect: (deployment) => inspect(parts, deployment),
    retire: (deployment) => retire(parts, deployment),
    mend: async (deployment, signal) => {
      const failed = await mend(parts, deployment, { signal });
      await lead(parts, deployment, await findGroup(parts.runner, deployment));
      return failed;
    },
    ask: (deployment) => ask(parts, deployment),
    renew: async (deployment, patient, signal) => {
      if (patient.answers) await leaveOut(parts, deployment, patient);
      await endOne(parts, deployment, patient);
      const failed = await mend(parts, deployment, { signal });
      await lead(parts, deployment, await findGroup(parts.runner, deployment));
      return failed;
    },
    beside: ({ aloneHoldMs }) =>
      aloneHoldMs === undefined
        ? {
            start: async (deployment, signal) =>
              (await bringUp(parts, deployment, { signal, mayBegin: undefined })).answer,
            lead: async (deployment) => lead(parts, deployment, await findGroup(parts.runner, deployment)),
            share: (pair, wish) => share(parts, pair, wish),
            look: (pair) => look(parts, pair),
            revive: async ({ fresh, stable }, signal) =>
              (await mend(parts, fresh, { signal })) ?? (await mend(parts, stable, { signal })),
            end: (deployment) => endHanging(parts, deployment),
            resize: (pair, wish, signal) => resize(parts, pair, { wish, signal }),
          }
        : undefined,
    async stop(environment, graceMs) {
      await parts.traffic.remove(environment, 0);
      await stopAll(parts.runner, await parts.runner.list(environment), graceMs);
    },
  };
}

async function deploy(parts: BesideParts, deployment: Deployment, asked: Asked): Promise<DeployAnswer> {
  const { answer, group } = await bringUp(parts, deployment, asked);
  if (answer.deployed !== 'ready') return answer;
  await lead(parts, deployment, group);
  return { ...answer, url: publicUrl(deployment) };
}

/** Until it is ready, without a request. */
async function bringUp(
  parts: BesideParts,
  deployment: Deployment,
  { signal, mayBegin }: Asked,
): Promise<{ readonly answer: DeployAnswer; readonly group: Group }> {
  const { runner, clock } = parts;
  const begin = clock.now();
  const { aloneHoldMs } = deployment;
  const found = await findGroup(runner, deployment);
  const slots = missingIn(found, deployment);
  if (slots.length > 0) await runner.bring(deployment);
  if (aloneHoldMs !== undefined) {
    if (!isBegun(found) && (signal.aborted || (await mayBegin?.()) === false))
      return { answer: { deployed: 'stopped', untouched: true }, group: found };
    await makeRoom(parts, deployment, { others: without(found.all, found.runs), mostMs: aloneHoldMs });
  }
  if (slots.length > 0) {
    if (signal.aborted) return { answer: { deployed: 'stopped' }, group: found };
    runner.requireStartable(deployment);
    const start = async (slot: (typeof slots)[number]): Promise<void> => {
      await requireAddress(parts, deployment);
      await runner.start(deployment, slot);
    };
    const failed = await startAll(parts, deployment, { slots, start });
    if (failed !== undefined) return { answer: failed, group: found };
  }
  const group = await findGroup(runner, deployment);
  const replaced = aloneHoldMs !== undefined;
  const failed = await becomeReady(parts, deployment, { group, signal, replaced, endedFromOutside: 'not-started' });
  const [url] = wantedOf(group, deployment).map(urlOf);
  return { group, answer: failed ?? { deployed: 'ready', url, milliseconds: clock.now() - begin } };
}

/** How many requests wait at most while a service is replaced that may not run twice. */
const mostHeld = 10_000;
const drainLookMs = 50;

/** Ends those that run there; requests of users wait meanwhile, until the route is told anew or they have waited long enough. */
async function makeRoom(
  { runner, traffic, clock }: BesideParts,
  { environment, service }: Deployment,
  { others, mostMs }: { readonly others: readonly Run[]; readonly mostMs: number },
): Promise<void> {
  if (others.every(({ state }) => state.state !== 'running')) return;
  const known = await traffic.routeOf(environment.id);
  if (known !== undefined) await traffic.apply({ ...known, hold: { mostMs, mostRequests: mostHeld } });
  // What is under way there gets half of the time that the others wait.
  for (const begin = clock.now(); clock.now() - begin < mostMs / 2; await clock.sleep(drainLookMs)) {
    const sides = (await traffic.inspect(environment.id))?.sides ?? [];
    if (sides.every(({ inFlight }) => inFlight === 0)) break;
  }
  await stopAll(runner, others, service.stopGrace);
}

/** The new release is not to blame for an address that somebody else has. @throws Failure that names it. */
async function requireAddress({ traffic }: BesideParts, { port, environment }: Deployment): Promise<void> {
  if (port === undefined || (await traffic.routeOf(environment.id))?.listen.port === port) return;
  if (await isTaken(port)) throw await portTaken(environment.name, port);
}

/** From the next request on everything goes to these; what was there keeps its place, without new requests. */
async function lead(parts: BesideParts, deployment: Deployment, group: Group): Promise<void> {
  const known = await parts.traffic.routeOf(deployment.environment.id);
  const others = (known?.sides ?? []).filter(({ name }) => name !== group.name);
  await tell(parts, deployment, {
    sides: [
      ...others.map((side) => ({ ...side, weight: 0 })),
      { ...sideOf(group, deployment, known), weight: wholeWeight },
    ],
  });
}

async function inspect(parts: BesideParts, deployment: Deployment): Promise<Observed> {
  const { environment, port } = deployment;
  const found = await steadyGroup(parts, deployment);
  const wanted = wantedOf(found, deployment);
  const observed = await observedOf(parts.runner, deployment, { found, others: without(found.all, wanted) });
  if (observed.observed === 'down' || port === undefined) return observed;
  const route = await parts.traffic.inspect(environment.id);
  if (route?.notOpen !== undefined) return { observed: 'down', because: `the service runs, but ${route.notOpen}` };
  if (leadsTo(route?.route, { name: found.name, runs: wanted.filter(isUp) }, port)) return observed;
  return { observed: 'down', because: 'the service runs, but the address of its environment does not lead to it' };
}

async function endHanging({ runner }: BesideParts, deployment: Deployment): Promise<void> {
  const { runs } = await findGroup(runner, deployment);
  await stopAll(runner, runs, hangingGrace(deployment));
}

/** Others go on serving: what is under way at this one ends, and nothing new comes. */
async function leaveOut(
  parts: BesideParts,
  deployment: Deployment,
  { instance }: { readonly instance: number },
): Promise<void> {
  const group = await findGroup(parts.runner, deployment);
  const run = group.runs.find((one) => one.instance === instance);
  const known = await parts.traffic.routeOf(deployment.environment.id);
  const side = known?.sides.find(({ name }) => name === group.name);
  if (run === undefined || known === undefined || side === undefined) return;
  const left = { ...side, instances: side.instances.filter((one) => !isAt(run, one)) };
  if (left.instances.length === 0) return;
  await parts.traffic.apply({ ...known, sides: known.sides.map((one) => (one === side ? left : one)) });
  await drained(parts, deployment, [run]);
}

function leadsTo(route: Route | undefined, { name, runs }: Group, port: number): boolean {
  if (route?.listen.port !== port) return false;
  const side = route.sides.find((one) => one.name === name);
  const isLed = (run: Run) => side?.instances.some((one) => isAt(run, one)) === true;
  return side?.weight === wholeWeight && runs.every(isLed);
}

async function retire(parts: BesideParts, deployment: Deployment): Promise<'draining' | 'done'> {
  const { runner, traffic, clock } = parts;
  const { environment, service } = deployment;
  const group = await findGroup(runner, deployment);
  const wanted = wantedOf(group, deployment);
  // More of it than wanted by now get no new request before they end.
  if (wanted.length < group.runs.length) await lead(parts, deployment, group);
  const known = await traffic.inspect(environment.id);
  const others = without(group.all, wanted).filter(({ state }) => state.state === 'running');
  const draining = others.filter((run) =>
    run.deployment === group.name ? isLeaving(known, run, clock.now()) : isUnderWay(known, run.deployment, clock.now()),
  );
  await stopAll(runner, without(others, draining), service.stopGrace);
  if (draining.length > 0) return 'draining';
  if (known !== undefined && known.route.sides.length > 1)
    await traffic.apply({ ...known.route, sides: known.route.sides.filter(({ name }) => name === group.name) });
  await forgetOldRuns(() => runner.list(environment.id), runner.forget);
  return 'done';
}

function isUnderWay(state: RouteState | undefined, name: string, now: number): boolean {
  const side = state?.sides.find((one) => one.name === name);
  if (side === undefined || side.inFlight + side.tunnels === 0) return false;
  return side.drainingSince === undefined || now - side.drainingSince < drainMs;
}

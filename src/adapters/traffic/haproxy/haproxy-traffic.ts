/**
 * `Traffic` by an HAProxy of our own, kept alive by a keeper and told through its master's socket: weights, instances and how users
 * stay change while it runs, addresses and groups by a reload in which no connection is refused.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Failure } from '../../../domain/base/failure.ts';
import type { EnvironmentId } from '../../../domain/base/id.ts';
import { emptySample } from '../../../domain/observation/sample.ts';
import { onlyClass } from '../../../domain/pipeline/route-classes.ts';
import type { Listen, Route, RouteState } from '../../../ports/traffic.ts';
import type { Leader } from '../choice.ts';
import { cookieKey } from '../cookie-key.ts';
import { hasSameInstances } from '../division.ts';
import { keepWhatIsInForce } from '../kept-after.ts';
import { lastingObstacleAt, obstacleAt } from '../../../system/free-address.ts';
import { cannotOpen, isSameAddress } from '../listening.ts';
import { createTurn, type InTurn } from '../turn.ts';
import { handOver, passOn } from './handover.ts';
import { forgetMaps, nameOf, readState, readTally, writeState, writeTally } from './files.ts';
import { askMaster, type Master, type Worker } from './master.ts';
import { isAway, reach, serving, socketOf, structureIn, type RunningParts } from './running.ts';
import {
  backendOf,
  placedIn,
  serverName,
  withoutEnvironment,
  withNotOpen,
  withRoute,
  withShares,
  type Placed,
  type SlotLoad,
  type SlotLoads,
  type State,
} from './state.ts';
import { totalOf, withReadings, type Tally } from './statistics.ts';
import { backendsOf, endSessions, statisticsOf, tellRoute, tellShares } from './tell.ts';

export interface HaproxyParts extends RunningParts {
  /** Of the key that signs cookies. */
  readonly keyDirectory: string;
}

const lookMs = 50;

type Parts = HaproxyParts & { readonly inTurn: InTurn };

export function createHaproxyTraffic(given: HaproxyParts): Leader {
  const inTurn = createTurn(given.directory, given.clock);
  const parts: Parts = { ...given, inTurn };
  return {
    prepare: () => inTurn(async () => void (await start(parts, await readState(parts.directory)))),
    apply: (route) => inTurn(() => apply(parts, route)),
    routeOf: async (environment) => placedIn(await readState(parts.directory), environment)?.route,
    async inspect(environment) {
      if (placedIn(await readState(parts.directory), environment) === undefined) return undefined;
      return inTurn(() => inspect(parts, environment));
    },
    async remove(environment, graceMs) {
      const left = await inTurn(() => close(parts, environment));
      if (left !== undefined) await drain(parts, left, graceMs);
    },
  };
}

interface Started {
  /** As it is in force: addresses that somebody else has are left out. */
  readonly state: State;
  readonly master: Master;
}

/** A worker that starts finds the files of this state. */
async function start(parts: Parts, known: State): Promise<Started> {
  const running = await askMaster(socketOf(parts)).catch(() => undefined);
  if (running !== undefined) return { state: known, master: await reach(parts) };
  const state = (await isAway(parts)) ? withNotOpen(known, await takenIn(known)) : known;
  await write(parts, state);
  return { state, master: await reach(parts) };
}

/** What was ended may hold an address for a moment longer. */
const closingMs = 1_000;

async function takenIn({ environments }: State): Promise<ReadonlyMap<EnvironmentId, string>> {
  const found = await Promise.all(
    environments.map(async ({ route: { environment, listen } }) => {
      const obstacle = await lastingObstacleAt(listen, closingMs);
      return obstacle === undefined ? [] : [[environment, refusalOf(listen, obstacle).message] as const];
    }),
  );
  return new Map(found.flat());
}

async function apply(parts: Parts, route: Route): Promise<void> {
  const known = await readState(parts.directory);
  if (await divideAnew(parts, known, route)) return;
  const { state, master } = await start(parts, known);
  const { loads } = await read(parts, state, master);
  const next = withRoute(state, route, { loads, now: parts.clock.now() });
  const before = placedIn(state, route.environment);
  const isOpen = before !== undefined && before.notOpen === undefined;
  if (!isOpen || !isSameAddress(before.route.listen, route.listen)) await requireFree(route.listen);
  const structure = await putInForce(parts, { state, next });
  await passOn(parts, environmentsOf(next));
  const serves = serving(await askMaster(socketOf(parts)));
  const told = serves && (await tellRoute(socketOf(parts), serves, placedIn(next, route.environment)!));
  // A worker that does not understand has another structure than we believed: the files say all of it.
  if (told?.length !== 0) await loadAll(parts, next, structure);
}

/**
 * Where the same instances serve, only maps change: they are in force before anything else is asked or written. False when there is
 * more to do than that.
 */
async function divideAnew(parts: Parts, state: State, route: Route): Promise<boolean> {
  const known = placedIn(state, route.environment);
  if (known === undefined || known.notOpen !== undefined || !hasSameInstances(known.route, route)) return false;
  const next = withShares(state, route, parts.clock.now());
  const key = await cookieKey(parts.keyDirectory);
  const structure = nameOf(next, key);
  if (structure !== nameOf(state, key)) return false;
  const placed = placedIn(next, route.environment)!;
  const told = await tellShares(socketOf(parts), { placed, structure });
  if (told === undefined) return false;
  await keepWhatIsInForce('HAProxy', () => writeState(parts.directory, next, key));
  // One that was started meanwhile began with what was on disk before.
  if (serving(await reach(parts))?.pid !== told) await loadAll(parts, next, structure);
  else await passOn(parts, environmentsOf(next));
  return true;
}

/** On disk first, so that whoever starts next goes on from there; what cannot be taken is taken back. Answers its structure. */
async function putInForce(
  parts: Parts,
  { state, next }: { readonly state: State; readonly next: State },
): Promise<string> {
  const structure = await write(parts, next);
  const worker = serving(await reach(parts));
  if (worker !== undefined && (await structureIn(parts, worker)) === structure) return structure;
  try {
    await loadAll(parts, next, structure);
    return structure;
  } catch (thrown) {
    await loadAll(parts, state, await write(parts, state));
    throw thrown;
  }
}

async function write({ directory, keyDirectory }: Parts, state: State): Promise<string> {
  return writeState(directory, state, await cookieKey(keyDirectory));
}

/** Takes up what is on disk. */
async function loadAll(parts: Parts, state: State, structure: string): Promise<void> {
  const count = async () => {
    const now = await readState(parts.directory);
    await read(parts, now, await askMaster(socketOf(parts)));
  };
  const { inTurn } = parts;
  await handOver(parts, { structure, environments: environmentsOf(state), count, inTurn });
}

function environmentsOf({ environments }: State): readonly EnvironmentId[] {
  return environments.map(({ route }) => route.environment);
}

async function inspect(parts: Parts, environment: EnvironmentId): Promise<RouteState | undefined> {
  const { state, master } = await openWhatIsFree(parts, await start(parts, await readState(parts.directory)));
  const placed = placedIn(state, environment);
  if (placed === undefined) return undefined;
  const { loads, tally } = await read(parts, state, master);
  return {
    route: placed.route,
    ...(placed.notOpen === undefined ? {} : { notOpen: placed.notOpen }),
    counter: tally.counter,
    leaving: leavingIn(placed, loads),
    sides: placed.route.sides.map(({ name }) => {
      const at = placed.slots.findIndex((slot) => slot?.side === name);
      const slot = placed.slots[at]!;
      const { counted, inFlight } = loads.get(backendOf(environment, at))!;
      return {
        name,
        inFlight,
        tunnels: 0,
        drainingSince: slot.drainingSince,
        counted: {
          [onlyClass]: {
            ...emptySample,
            requests: counted.requests - slot.before.requests,
            failures: counted.failures - slot.before.failures,
            clientErrors: (counted.clientErrors ?? 0) - (slot.before.clientErrors ?? 0),
            brokenOff: (counted.brokenOff ?? 0) - (slot.before.brokenOff ?? 0),
          },
        },
      };
    }),
  };
}

/** HAProxy does not try again by itself what it was started without. */
async function openWhatIsFree(parts: Parts, started: Started): Promise<Started> {
  const { state } = started;
  const closed = state.environments.filter(({ notOpen }) => notOpen !== undefined);
  if (closed.length === 0) return started;
  const next = withNotOpen(state, await takenIn({ environments: closed }));
  if (isDeepStrictEqual(next, state)) return started;
  await putInForce(parts, { state, next });
  return { state: next, master: await askMaster(socketOf(parts)) };
}

/** Instances that left their side with something under way. */
function leavingIn({ route, slots }: Placed, loads: SlotLoads): NonNullable<RouteState['leaving']> {
  return slots.flatMap((slot, at) => {
    const load = loads.get(backendOf(route.environment, at));
    return (slot?.servers ?? []).flatMap((server, place) => {
      const inFlight = load?.servers.get(serverName(place)) ?? 0;
      if (server?.leftAt === undefined || inFlight === 0) return [];
      return [{ host: server.host, port: server.port, inFlight, well: true, since: server.leftAt }];
    });
  });
}

/** What all workers have counted since there were any, and what is under way. */
async function read(
  parts: Parts,
  state: State,
  { workers }: Master,
): Promise<{ readonly loads: SlotLoads; readonly tally: Tally }> {
  const readings = new Map<number, ReadonlyMap<string, SlotLoad>>();
  for (const worker of workers) {
    const loads = await statisticsOf(socketOf(parts), worker).catch(() => undefined);
    if (loads !== undefined) readings.set(worker.pid, loads);
  }
  const names = state.environments.flatMap(backendsOf);
  const ours = new Set(names);
  const tally = withReadings(await readTally(parts.directory), readings, (name) => ours.has(name));
  await writeTally(parts.directory, tally);
  return { tally, loads: new Map(names.map((name) => [name, loadOf(name, [...readings.values()], tally)])) };
}

function loadOf(name: string, readings: readonly ReadonlyMap<string, SlotLoad>[], tally: Tally): SlotLoad {
  const loads = readings.flatMap((reading) => reading.get(name) ?? []);
  const servers = new Map<string, number>();
  for (const load of loads)
    for (const [server, inFlight] of load.servers) servers.set(server, inFlight + (servers.get(server) ?? 0));
  return { counted: totalOf(tally, name), inFlight: loads.reduce((sum, load) => sum + load.inFlight, 0), servers };
}

/** The address is closed when this resolves; what was under way there goes on in the worker that was replaced. */
async function close(parts: Parts, environment: EnvironmentId): Promise<Placed | undefined> {
  const state = await readState(parts.directory);
  const placed = placedIn(state, environment);
  if (placed === undefined) return undefined;
  const next = withoutEnvironment(state, environment);
  await putInForce(parts, { state, next });
  await forgetMaps(parts.directory, environment);
  return placed;
}

async function drain(parts: Parts, placed: Placed, graceMs: number): Promise<void> {
  const socket = socketOf(parts);
  for (const begin = parts.clock.now(); ; await parts.clock.sleep(lookMs)) {
    const busy = await parts.inTurn(() => busyWith(socket, placed));
    if (busy.length === 0) return;
    if (parts.clock.now() - begin < graceMs) continue;
    for (const worker of busy) await parts.inTurn(() => endSessions(socket, worker, placed));
    return;
  }
}

async function busyWith(socket: string, placed: Placed): Promise<readonly Worker[]> {
  const busy: Worker[] = [];
  for (const worker of (await askMaster(socket)).workers) {
    const loads = await statisticsOf(socket, worker).catch(() => undefined);
    if (backendsOf(placed).some((name) => (loads?.get(name)?.inFlight ?? 0) > 0)) busy.push(worker);
  }
  return busy;
}

/** HAProxy would share a port with whoever allows it, and tell of no other. @throws Failure `traffic/refused`. */
async function requireFree(listen: Listen): Promise<void> {
  const obstacle = await obstacleAt(listen);
  if (obstacle !== undefined) throw refusalOf(listen, obstacle);
}

function refusalOf(listen: Listen, { code, message }: NodeJS.ErrnoException): Failure {
  return cannotOpen(listen, code, `${code} ${message}`);
}

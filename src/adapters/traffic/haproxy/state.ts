/**
 * What our HAProxy is told, as kept on disk. Each environment has a few slots, which are backends in the configuration; a side takes
 * one and leaves it again, so that a deployment changes what is in the slots and not the configuration.
 */
import { isIP } from 'node:net';
import { isDeepStrictEqual } from 'node:util';
import { Failure } from '../../../domain/base/failure.ts';
import type { EnvironmentId } from '../../../domain/base/id.ts';
import type { Instant } from '../../../domain/base/time.ts';
import type { Group, Instance, InstanceHealth, Route, Side } from '../../../ports/traffic.ts';
import { placesIn } from '../division.ts';

export interface State {
  readonly environments: readonly Placed[];
}

export interface Placed {
  readonly route: Route;
  /** Why its address is left out: somebody had it when HAProxy was started again, which begins with all addresses or not at all. */
  readonly notOpen?: string;
  /** By number; a free one is `null`. */
  readonly slots: readonly (Slot | null)[];
  /** Servers that each slot has room for. */
  readonly room: number;
  /**
   * How instances of each slot are asked whether they are well; kept when a side leaves, so that the next one changes no structure. Absent
   * in what earlier versions kept.
   */
  readonly health?: readonly (InstanceHealth | null)[];
  /**
   * What tells the groups of users, from the last time that there were any: kept, too. Whether one is led to a side stands in a map. Absent
   * in what earlier versions kept.
   */
  readonly groups?: readonly GroupTest[];
  /** The header that names users, from the last time that one did: kept so that a rollout that begins or ends changes no structure. */
  readonly userHeader: string | undefined;
}

export type GroupTest = Omit<Group, 'side'>;

export interface Slot {
  readonly side: string;
  /** Since when it gets no new request. */
  readonly drainingSince: Instant | undefined;
  /** By place: an instance keeps its own, so that what is under way there is known when it has left the route. */
  readonly servers: readonly (Server | null)[];
  /** What the slot had counted for others when the side took it. */
  readonly before: Counts;
}

export interface Server extends Instance {
  /** Since when the route does not name it any more. */
  readonly leftAt: Instant | undefined;
}

export interface Counts {
  readonly requests: number;
  readonly failures: number;
  /** Absent in what an older version counted, as if there were none: only what comes between two readings is ever compared. */
  readonly clientErrors?: number;
  readonly brokenOff?: number;
}

export const nothingCounted: Counts = { requests: 0, failures: 0, clientErrors: 0, brokenOff: 0 };

/** What is counted and under way in a slot, by the name of its backend. */
export type SlotLoads = ReadonlyMap<string, SlotLoad>;

export interface SlotLoad {
  readonly counted: Counts;
  readonly inFlight: number;
  /** Under way at each server, by its name. */
  readonly servers: ReadonlyMap<string, number>;
}

const usualSlots = 4;
const serversAtOnce = 8;

export function backendOf(environment: EnvironmentId, slot: number): string {
  return `${environment}-${slot}`;
}

/** The same server once more, never asked whether it is well: requests go there when no other one is. */
export function lastResort(server: string): string {
  return `${server}${lastResortMark}`;
}

const lastResortMark = '-last';

/** The server that a name in statistics stands for. */
export function serverNamed(name: string): string {
  return name.endsWith(lastResortMark) ? name.slice(0, -lastResortMark.length) : name;
}

export function healthOf({ health }: Placed, slot: number): InstanceHealth | undefined {
  return health?.[slot] ?? undefined;
}

export function serverName(place: number): string {
  return `s${place + 1}`;
}

/** Who gets requests at this place of a slot. */
export function liveServer({ slots }: Placed, slot: number, place: number): Server | undefined {
  const server = slots[slot]?.servers[place];
  return server?.leftAt === undefined ? (server ?? undefined) : undefined;
}

export function placedIn({ environments }: State, environment: EnvironmentId): Placed | undefined {
  return environments.find(({ route }) => route.environment === environment);
}

/** The state with these addresses left out (by environment, why), and all others open. */
export function withNotOpen({ environments }: State, notOpen: ReadonlyMap<EnvironmentId, string>): State {
  return {
    environments: environments.map(({ notOpen: _before, ...placed }) => {
      const why = notOpen.get(placed.route.environment);
      return why === undefined ? placed : { ...placed, notOpen: why };
    }),
  };
}

export function withoutEnvironment({ environments }: State, environment: EnvironmentId): State {
  return { environments: environments.filter(({ route }) => route.environment !== environment) };
}

/** The state with this route in it: sides keep their slots, new ones take idle ones, and more are made when none is idle. */
export function withRoute(state: State, route: Route, { loads, now }: { loads: SlotLoads; now: Instant }): State {
  requireTellable(route);
  const known = placedIn(state, route.environment);
  const slots: (Slot | null)[] = [...(known?.slots ?? Array.from({ length: usualSlots }, () => null))];
  for (const [at, slot] of slots.entries())
    if (slot !== null && !route.sides.some(({ name }) => name === slot.side)) slots[at] = null;
  for (const side of route.sides) {
    const taken = slots.findIndex((slot) => slot?.side === side.name);
    const at = taken >= 0 ? taken : idleSlot(slots, { side, known, loads });
    const load = loads.get(backendOf(route.environment, at));
    const slot =
      taken >= 0 ? slots[at]! : { servers: [], before: load?.counted ?? nothingCounted, drainingSince: undefined };
    slots[at] = {
      side: side.name,
      before: slot.before,
      drainingSince: side.weight > 0 ? undefined : (slot.drainingSince ?? now),
      servers: serversAfter(slot.servers, side, { load, now }),
    };
  }
  const [first] = route.sides;
  const most = Math.max(1, ...slots.map((slot) => slot?.servers.length ?? 0));
  const placed: Placed = {
    route,
    slots,
    health: slots.map((slot, at) => {
      const side = route.sides.find(({ name }) => name === slot?.side) ?? (known === undefined ? first : undefined);
      return side === undefined ? (known?.health?.[at] ?? null) : (side.health ?? null);
    }),
    room: Math.max(known?.room ?? 0, Math.ceil(most / serversAtOnce) * serversAtOnce),
    groups: groupsAfter(known, route),
    userHeader: route.sticky?.header ?? known?.userHeader,
  };
  return {
    environments:
      known === undefined
        ? [...state.environments, placed]
        : state.environments.map((one) => (one === known ? placed : one)),
  };
}

/** The state with requests divided anew between the instances that it knows, whatever else of the route changes. */
export function withShares(state: State, route: Route, now: Instant): State {
  requireTellable(route);
  const isServing = (name: string) => route.sides.some((side) => side.name === name && side.weight > 0);
  const known = placedIn(state, route.environment)!;
  const placed: Placed = {
    ...known,
    route,
    groups: groupsAfter(known, route),
    userHeader: route.sticky?.header ?? known.userHeader,
    slots: known.slots.map(
      (slot) => slot && { ...slot, drainingSince: isServing(slot.side) ? undefined : (slot.drainingSince ?? now) },
    ),
  };
  return { environments: state.environments.map((one) => (one === known ? placed : one)) };
}

/** Fewer than there were, in the same order, change no structure. */
function groupsAfter(known: Placed | undefined, { groups = [] }: Route): readonly GroupTest[] {
  const tests = groups.map(testOf);
  const before = known?.groups ?? [];
  return placesIn(before, tests).length === tests.length ? before : tests;
}

/** Where the groups of the route stand among those of the structure, and whose they are. */
export function groupsInForce({ route, groups: known = [] }: Placed): readonly { at: number; side: string }[] {
  const { groups = [] } = route;
  const tests = groups.map(testOf);
  return placesIn(known, tests).map((at, index) => ({ at, side: groups[index]!.side }));
}

function testOf({ side: _side, ...test }: Group): GroupTest {
  return test;
}

/** One that has left keeps its place until nothing is under way there. */
function serversAfter(
  before: Slot['servers'],
  { instances }: Side,
  { load, now }: { readonly load: SlotLoad | undefined; readonly now: Instant },
): readonly (Server | null)[] {
  const servers = before.map((server, place): Server | null => {
    if (server === null) return null;
    if (instances.some(isAt(server))) return { ...server, leftAt: undefined };
    const isIdle = server.leftAt !== undefined && (load?.servers.get(serverName(place)) ?? 0) === 0;
    return isIdle ? null : { ...server, leftAt: server.leftAt ?? now };
  });
  for (const { host, port } of instances) {
    if (servers.some((server) => server !== null && isAt(server)({ host, port }))) continue;
    const free = servers.indexOf(null);
    servers[free < 0 ? servers.length : free] = { host, port, leftAt: undefined };
  }
  return servers;
}

function isAt(one: Instance): (other: Instance) => boolean {
  return ({ host, port }) => host === one.host && port === one.port;
}

/**
 * A slot that nothing is under way in; what ends there would be counted for the wrong side. One whose instances were asked in the same
 * way before, if there is one.
 */
function idleSlot(
  slots: readonly (Slot | null)[],
  { side, known, loads }: { readonly side: Side; readonly known: Placed | undefined; readonly loads: SlotLoads },
): number {
  const isIdle = (at: number) =>
    known === undefined || (loads.get(backendOf(known.route.environment, at))?.inFlight ?? 0) === 0;
  const idle = slots.flatMap((slot, at) => (slot === null && isIdle(at) ? [at] : []));
  const alike = idle.find((at) => isDeepStrictEqual(known?.health?.[at] ?? null, side.health ?? null));
  return alike ?? idle[0] ?? slots.length;
}

/** Names and values become words of a configuration: what could become more than one is refused. */
function requireTellable({ environment, listen, sides, groups = [], sticky, limits = {} }: Route): void {
  const token = /^[A-Za-z0-9!#$%&*+.^_`|~-]{1,100}$/;
  const problems = [
    ...(/^[A-Za-z0-9_-]{1,64}$/.test(environment) ? [] : [`the id ${environment}`]),
    ...(isIP(listen.host) > 0 || /^[A-Za-z0-9.-]{1,253}$/.test(listen.host) ? [] : [`the address ${listen.host}`]),
    ...[listen, ...sides.flatMap(({ instances }) => instances)]
      .filter(({ port }) => !Number.isInteger(port) || port < 1 || port > 65_535)
      .map(({ port }) => `the port ${port}`),
    ...sides
      .flatMap(({ instances }) => instances)
      .filter(({ host }) => isIP(host) === 0)
      .map(({ host }) => `the instance ${host}, which is no IP address,`),
    ...[...groups.map(({ name }) => name), ...(sticky?.header === undefined ? [] : [sticky.header])]
      .filter((name) => !token.test(name))
      .map((name) => `the name ${name}`),
    ...groups
      .filter(({ value = '' }) => value.length > 1_000 || hasControlCharacters(value))
      .map(({ name }) => `the value of ${name}`),
    ...sides
      .flatMap(({ health }) => health?.path ?? [])
      .filter((path) => !/^\/[!-~]{0,1000}$/.test(path))
      .map((path) => `the path ${path}`),
    ...sides
      .flatMap(({ health }) => health?.timeoutMs ?? [])
      .filter((time) => !Number.isSafeInteger(time) || time < 1)
      .map((time) => `the time ${time}`),
    ...Object.values(limits as Record<string, number>)
      .filter((limit) => !Number.isSafeInteger(limit) || limit < 0)
      .map((limit) => `the limit ${limit}`),
  ];
  if (problems.length === 0) return;
  throw new Failure('traffic/refused', `HAProxy cannot be told ${problems[0]}`, {
    hint: 'Change it in the pipeline file, or choose traffic: edge.',
  });
}

function hasControlCharacters(text: string): boolean {
  return [...text].some((character) => character < ' ' || character === '\u007F');
}

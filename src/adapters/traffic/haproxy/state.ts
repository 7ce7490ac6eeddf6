/**
 * What our HAProxy is told, as kept on disk. Each environment has a few slots, which are backends in the configuration; a side takes
 * one and leaves it again, so that a deployment changes what is in the slots and not the configuration.
 */
import { isIP } from 'node:net';
import { Failure } from '../../../domain/base/failure.ts';
import type { EnvironmentId } from '../../../domain/base/id.ts';
import type { Instant } from '../../../domain/base/time.ts';
import type { Route, Side } from '../../../ports/traffic.ts';

export interface State {
  readonly environments: readonly Placed[];
}

export interface Placed {
  readonly route: Route;
  /** By number; a free one is `null`. */
  readonly slots: readonly (Slot | null)[];
  /** Servers that each slot has room for. */
  readonly room: number;
  /** The header that names users, from the last time that one did: kept so that a rollout that begins or ends changes no structure. */
  readonly userHeader: string | undefined;
}

export interface Slot {
  readonly side: string;
  /** Since when it gets no new request. */
  readonly drainingSince: Instant | undefined;
  /** What the slot had counted for others when the side took it. */
  readonly before: Counts;
}

export interface Counts {
  readonly requests: number;
  readonly failures: number;
}

export const nothingCounted: Counts = { requests: 0, failures: 0 };

/** What is counted and under way in a slot, by the name of its backend. */
export type SlotLoads = ReadonlyMap<string, { readonly counted: Counts; readonly inFlight: number }>;

const usualSlots = 4;
const serversAtOnce = 8;

export function backendOf(environment: EnvironmentId, slot: number): string {
  return `${environment}-${slot}`;
}

export function placedIn({ environments }: State, environment: EnvironmentId): Placed | undefined {
  return environments.find(({ route }) => route.environment === environment);
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
    const at = slots.findIndex((slot) => slot?.side === side.name);
    const since = drainingSince(at < 0 ? null : slots[at]!, side, now);
    if (at >= 0) slots[at] = { ...slots[at]!, drainingSince: since };
    else {
      const free = idleSlot(slots, route.environment, loads);
      const before = loads.get(backendOf(route.environment, free))?.counted ?? nothingCounted;
      slots[free] = { side: side.name, drainingSince: since, before };
    }
  }
  const most = Math.max(...route.sides.map(({ instances }) => instances.length));
  const placed: Placed = {
    route,
    slots,
    room: Math.max(known?.room ?? 0, Math.ceil(Math.max(most, 1) / serversAtOnce) * serversAtOnce),
    userHeader: route.sticky?.header ?? known?.userHeader,
  };
  return {
    environments:
      known === undefined
        ? [...state.environments, placed]
        : state.environments.map((one) => (one === known ? placed : one)),
  };
}

function drainingSince(slot: Slot | null, { weight }: Side, now: Instant): Instant | undefined {
  return weight > 0 ? undefined : (slot?.drainingSince ?? now);
}

/** A slot that nothing is under way in; what ends there would be counted for the wrong side. */
function idleSlot(slots: readonly (Slot | null)[], environment: EnvironmentId, loads: SlotLoads): number {
  const idle = slots.findIndex(
    (slot, at) => slot === null && (loads.get(backendOf(environment, at))?.inFlight ?? 0) === 0,
  );
  return idle >= 0 ? idle : slots.length;
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

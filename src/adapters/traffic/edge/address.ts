/** One environment's address while it is served: its sides, who waits, and what is under way. */
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Instant } from '../../../domain/base/time.ts';
import { classifierOf, onlyClass } from '../../../domain/pipeline/route-classes.ts';
import type { Instance, Route, RouteState, SideState } from '../../../ports/traffic.ts';
import { authorityOf } from '../authority.ts';
import { createCounter, type Counter } from './counts.ts';
import { createChooser, type Chooser, type Choice } from './lane.ts';
import { openUpstream, stateOf, type Upstream } from './upstream.ts';
import { watchHealth } from './health.ts';

export interface LiveSide {
  readonly name: string;
  upstreams: readonly Upstream[];
  readonly counter: Counter;
  inFlight: number;
  /** Since when it gets no new request (epoch ms). */
  drainingSince: number | undefined;
  /** Ends of upgraded connections, to be called when their time is over. */
  readonly tunnels: Set<() => void>;
}

export interface Address {
  readonly route: Route;
  readonly shadow: readonly Upstream[];
  /** A side for this request; waits while requests are held. `undefined` when there is none, or too many wait. */
  choose(headers: IncomingHttpHeaders): Promise<Chosen | undefined> | Chosen | undefined;
  /** The class of routes that a request is counted in. */
  classOf(request: IncomingMessage): string;
  apply(route: Route): void;
  state(counter: string): RouteState;
  /** Requests and upgraded connections under way. */
  busy(): number;
  endTunnels(): void;
  close(): Promise<void>;
}

export interface Chosen {
  readonly side: LiveSide;
  readonly cookie: string | undefined;
}

export function openAddress(first: Route, key: Buffer): Address {
  const sides = new Map<string, LiveSide>();
  const upstreams = new Map<string, Upstream>();
  /** No longer in the route, and not yet done; since when (epoch ms). */
  const leaving = new Map<Upstream, number>();
  let route = first;
  let choose: Chooser = createChooser(first, key);
  let classify = classifierIn(first);
  let shadow: readonly Upstream[] = [];
  const waiting = new Set<() => void>();

  const upstreamOf = (instance: Instance): Upstream => {
    const name = authorityOf(instance);
    let upstream = upstreams.get(name);
    if (upstream === undefined) {
      upstream = openUpstream(instance, route.limits);
      upstreams.set(name, upstream);
    }
    return upstream;
  };

  const apply = (next: Route): void => {
    route = next;
    choose = createChooser(next, key);
    classify = classifierIn(next);
    for (const { name, instances, weight, health } of next.sides) {
      const known = sides.get(name);
      const own = instances.map(upstreamOf);
      const drainingSince = weight > 0 ? undefined : (known?.drainingSince ?? Date.now());
      if (known !== undefined) {
        known.upstreams = own;
        known.drainingSince = drainingSince;
      } else
        sides.set(name, {
          name,
          upstreams: own,
          counter: createCounter(),
          inFlight: 0,
          drainingSince,
          tunnels: new Set(),
        });
      // One alone gets the requests whatever it says.
      for (const upstream of own) {
        upstream.health = instances.length > 1 ? health : undefined;
        if (upstream.health === undefined) upstream.sick = false;
      }
    }
    shadow = (next.shadow ?? []).map(upstreamOf);
    forgetUnused();
    if (next.hold === undefined) for (const goOn of waiting) goOn();
  };

  /** A side that is gone from the route ends what it is at; then it is forgotten, its idle connections with it. */
  const forgetUnused = (): void => {
    const named = new Set(route.sides.map(({ name }) => name));
    for (const [name, side] of sides)
      if (!named.has(name) && side.inFlight + side.tunnels.size === 0) sides.delete(name);
    const used = new Set([...shadow, ...[...sides.values()].flatMap((side) => side.upstreams)]);
    for (const upstream of leaving.keys()) if (upstream.inFlight === 0) leaving.delete(upstream);
    for (const [name, upstream] of upstreams) {
      if (used.has(upstream)) continue;
      upstreams.delete(name);
      if (upstream.inFlight > 0) leaving.set(upstream, Date.now());
      upstream.connections.close().catch(() => undefined);
    }
  };

  const chosen = (choice: Choice | undefined): Chosen | undefined => {
    const side = choice && sides.get(choice.side);
    return side && { side, cookie: choice.cookie };
  };

  const held = async (headers: IncomingHttpHeaders, mostMs: number): Promise<Chosen | undefined> => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, mostMs);
    waiting.add(resolve);
    await promise;
    clearTimeout(timer);
    waiting.delete(resolve);
    return route.hold === undefined ? chosen(choose(headers)) : undefined;
  };

  apply(first);
  const stopWatching = watchHealth(() => upstreams.values());
  return {
    get route() {
      return route;
    },
    get shadow() {
      return shadow;
    },
    choose(headers) {
      if (route.hold === undefined) return chosen(choose(headers));
      return waiting.size < route.hold.mostRequests ? held(headers, route.hold.mostMs) : undefined;
    },
    classOf: ({ method = '', url = '' }) => classify(method, url),
    apply,
    state: (counter) => {
      forgetUnused();
      return {
        route,
        counter,
        leaving: [...leaving].map(([upstream, since]) => ({
          ...stateOf(upstream, Date.now()),
          since: since as Instant,
        })),
        sides: [...sides.values()].map(sideState),
      };
    },
    busy: () => [...sides.values()].reduce((sum, side) => sum + side.inFlight + side.tunnels.size, 0) + waiting.size,
    endTunnels: () => {
      for (const side of sides.values()) for (const end of side.tunnels) end();
    },
    async close() {
      stopWatching();
      for (const goOn of waiting) goOn();
      await Promise.all([...upstreams.values()].map(({ connections }) => connections.destroy().catch(() => undefined)));
    },
  };
}

function sideState({ name, upstreams, inFlight, tunnels, drainingSince, counter }: LiveSide): SideState {
  return {
    name,
    instances: upstreams.map((upstream) => stateOf(upstream, Date.now())),
    inFlight,
    tunnels: tunnels.size,
    drainingSince: drainingSince as Instant | undefined,
    counted: counter.read(),
  };
}

function classifierIn({ classes }: Route): (method: string, target: string) => string {
  return classes === undefined ? () => onlyClass : classifierOf(classes);
}

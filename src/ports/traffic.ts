import type { EnvironmentId } from '../domain/base/id.ts';
import type { Instant } from '../domain/base/time.ts';
import type { Traffic as Counted } from '../domain/observation/sample.ts';
import type { RouteClass } from '../domain/pipeline/route-classes.ts';
import type { TrafficLimits } from '../domain/pipeline/traffic-limits.ts';
import type { TrafficKind } from '../domain/pipeline/traffic-spec.ts';

/**
 * Leads the requests of users to releases. Whoever answers this outlives a deployment and the control plane: the address of an
 * environment stays open, with the last weights, whatever happens to us.
 */
export interface Traffic {
  /**
   * Makes an environment's address answer as described, from the next request on; requests under way stay where they are.
   * The whole wish is told each time, so repeating it changes nothing. Resolves when it is in force.
   * @throws Failure `traffic/unreachable` (may pass), `traffic/refused` when the address cannot be had, with the reason
   * `addressTaken` when somebody else listens there, `traffic/not-kept` (may pass) when it is in force but would not be
   * after whoever leads begins anew.
   */
  apply(route: Route): Promise<void>;
  /** As it was told last: asks for no counts and starts nothing, so that a change does not wait for them. `undefined` as below. */
  routeOf(environment: EnvironmentId): Promise<Route | undefined>;
  /** What is in force, with what was counted; `undefined` when the environment has no address here. */
  inspect(environment: EnvironmentId): Promise<RouteState | undefined>;
  /** Closes the address. Requests under way get `graceMs` to end. Idempotent. @throws Failure as `apply`. */
  remove(environment: EnvironmentId, graceMs: number): Promise<void>;
}

export const addressTaken = 'ADDRESS_TAKEN';

export interface Route {
  readonly environment: EnvironmentId;
  /** Who leads it. What it cannot (`abilitiesOf`) is refused, never left out. */
  readonly by: TrafficKind;
  readonly listen: Listen;
  /** In the order in which weights grow: the stable side first, the new one last. One at least. */
  readonly sides: readonly Side[];
  /** A user who has been on a side stays there while its weight does not fall. Absent: every request is for itself. */
  readonly sticky?: Sticky;
  /** Requests that belong to a side whatever the weights say; the first that matches decides. */
  readonly groups?: readonly Group[];
  /** Requests are counted apart by what they ask for; in one class when absent. */
  readonly classes?: readonly RouteClass[];
  /** Gets a copy of every GET and HEAD; its answers are thrown away and never delay the real one. */
  readonly shadow?: readonly Instance[];
  /** Requests wait instead of being answered: for a service that may not run twice while it is replaced. */
  readonly hold?: { readonly mostMs: number; readonly mostRequests: number };
  readonly limits?: Limits;
}

export interface Listen {
  readonly host: string;
  readonly port: number;
}

export interface Side {
  /** Names the side in counts and cookies: a deployment's id. */
  readonly name: string;
  /** Parts of 10,000; the weights of all sides add up to 10,000. At 0 a side gets no new request and drains. */
  readonly weight: number;
  readonly instances: readonly Instance[];
  /** How instances are asked whether they are well, where there are several: one that is not gets no request until it is again. */
  readonly health?: InstanceHealth;
}

export interface Instance {
  readonly host: string;
  readonly port: number;
}

export interface InstanceHealth {
  /** Answers 200 to 399. Absent: a connection that opens is enough. */
  readonly path?: string;
  readonly timeoutMs: number;
}

export interface Sticky {
  /** A request header that names the user; without it, or without such a header, a signed cookie does. */
  readonly header?: string;
  /** Decides, with the user's key, who is early: another salt, other users. */
  readonly salt: string;
}

export interface Group {
  readonly side: string;
  readonly by: 'header' | 'cookie';
  readonly name: string;
  /** Any value when absent. */
  readonly value?: string;
}

export type Limits = TrafficLimits;

export interface RouteState {
  readonly route: Route;
  /** Why nobody gets through: whoever leads was started again, and the address cannot be opened. It is tried until it can. */
  readonly notOpen?: string;
  readonly sides: readonly SideState[];
  /** Names the process that counts; when it is another one, counters began anew. */
  readonly counter: string;
  /** Instances that the route does not name any more and that still have something under way; absent when nobody can tell. */
  readonly leaving?: readonly (InstanceState & { readonly since: Instant })[];
}

export interface SideState {
  readonly name: string;
  /** Requests under way, and connections that were upgraded (WebSockets). */
  readonly inFlight: number;
  readonly tunnels: number;
  /** Since when it gets no new request; absent while it does. */
  readonly drainingSince: Instant | undefined;
  /** Since the counter began. */
  readonly counted: Counted;
  /** One by one; absent when nobody can tell. */
  readonly instances?: readonly InstanceState[];
}

export interface InstanceState extends Instance {
  /** Requests and upgraded connections under way. */
  readonly inFlight: number;
  /** False while it is passed over. */
  readonly well: boolean;
}

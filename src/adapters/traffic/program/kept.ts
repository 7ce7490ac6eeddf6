/** What is kept of an environment's address beside the configuration of its server. All of it is its owner's alone. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Route, Side } from '../../../ports/traffic.ts';
import { groupsInForce, isDivided } from '../division.ts';
import { readJson, writeWhole } from '../whole-file.ts';
import { seatsAfter, type Seats } from './seats.ts';

export interface Kept {
  /** As it is in force. */
  readonly route: Route;
  /** What the server's configuration was made of, of which `route` may be less. Absent in what earlier versions kept: the same. */
  readonly setUp?: Route;
  /** Sides that left the route; told of until nothing is under way there. */
  readonly gone: readonly Side[];
  /** By side: since when it gets no new request (epoch ms). */
  readonly drainingSince: Readonly<Record<string, number>>;
  /** By side, where the program has seats. */
  readonly seats?: Seats;
  /** The configuration names whom a group means and looks up where they are led. In what earlier versions kept it named that, too. */
  readonly looksGroupsUp?: true;
}

interface Change {
  readonly route: Route;
  readonly setUp: Route;
  readonly now: number;
  readonly isBusy: (side: Side) => boolean;
  /** How many there are to be given away; nobody gets another one without it. */
  readonly seats?: number;
}

export function keptAfter(before: Kept | undefined, { route, setUp, now, isBusy, seats = 0 }: Change): Kept {
  const named = new Set(route.sides.map(({ name }) => name));
  const gone = [...(before?.gone.filter(isBusy) ?? []), ...(before?.route.sides ?? [])].filter(
    ({ name }) => !named.has(name),
  );
  const seated = seatsAfter(before?.seats ?? {}, { sides: [...gone, ...route.sides], most: seats });
  const draining = [...gone, ...route.sides.filter(({ weight }) => weight === 0)];
  return {
    route,
    setUp,
    looksGroupsUp: true,
    gone,
    ...(Object.keys(seated).length === 0 ? {} : { seats: seated }),
    drainingSince: Object.fromEntries(draining.map(({ name }) => [name, before?.drainingSince[name] ?? now])),
  };
}

/**
 * Groups that are led no more stay written, and so does how users stay on their side: they harm nobody, the next rollout begins with
 * what is written, and each load that is not made cuts nobody off.
 */
export function setUpAfter(before: Kept | undefined, route: Route): Route {
  if (before === undefined) return route;
  const { groups = [], sticky } = setUpOf(before);
  const written = { ...route, groups };
  const isEnough = groupsInForce(written, route).length === (route.groups ?? []).length;
  const usual = isEnough ? written : route;
  return sticky === undefined || usual.sticky !== undefined || isDivided(route) ? usual : { ...usual, sticky };
}

export function setUpOf({ route, setUp = route }: Pick<Kept, 'route' | 'setUp'>): Route {
  return setUp;
}

const keptFile = (directory: string) => join(directory, 'route.json');

export function readKept(directory: string): Promise<Kept | undefined> {
  return readJson<Kept>(keptFile(directory));
}

export function writeKept(directory: string, kept: Kept): Promise<void> {
  return writeWhole(keptFile(directory), JSON.stringify(kept));
}

export function forgetKept(directory: string): Promise<void> {
  return rm(keptFile(directory), { force: true });
}

/** What is kept of an environment's address beside the configuration of its server. All of it is its owner's alone. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Route, Side } from '../../../ports/traffic.ts';
import { readJson, writeWhole } from '../whole-file.ts';

export interface Kept {
  /** As it is in force. */
  readonly route: Route;
  /** What the server's configuration was made of, of which `route` may be less. Absent in what earlier versions kept: the same. */
  readonly setUp?: Route;
  /** Sides that left the route; told of until nothing is under way there. */
  readonly gone: readonly Side[];
  /** By side: since when it gets no new request (epoch ms). */
  readonly drainingSince: Readonly<Record<string, number>>;
}

interface Change {
  readonly route: Route;
  readonly setUp: Route;
  readonly now: number;
  readonly isBusy: (side: Side) => boolean;
}

export function keptAfter(before: Kept | undefined, { route, setUp, now, isBusy }: Change): Kept {
  const named = new Set(route.sides.map(({ name }) => name));
  const gone = [...(before?.gone.filter(isBusy) ?? []), ...(before?.route.sides ?? [])].filter(
    ({ name }) => !named.has(name),
  );
  const draining = [...gone, ...route.sides.filter(({ weight }) => weight === 0)];
  return {
    route,
    setUp,
    gone,
    drainingSince: Object.fromEntries(draining.map(({ name }) => [name, before?.drainingSince[name] ?? now])),
  };
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

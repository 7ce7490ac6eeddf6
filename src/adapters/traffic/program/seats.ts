/**
 * Seats are what a configuration has for releases that it does not name: whoever sits there is looked up with each request. So a release
 * comes and goes without a load of the configuration. Only a side of one instance takes one; others are written into it.
 */
import type { Side } from '../../../ports/traffic.ts';

/** By the name of a side; from 1. */
export type Seats = Readonly<Record<string, number>>;

/** Whoever has a seat keeps it while it is there, also while it only drains; a new one gets the first that is free, or none. */
export function seatsAfter(
  before: Seats,
  { sides, most }: { readonly sides: readonly Side[]; readonly most: number },
): Seats {
  const given = new Map(sides.flatMap(({ name }) => (before[name] === undefined ? [] : [[name, before[name]]])));
  const taken = new Set(given.values());
  const free = Array.from({ length: most }, (_, index) => index + 1).filter((seat) => !taken.has(seat));
  for (const { name, instances } of sides) {
    if (given.has(name) || instances.length !== 1) continue;
    const seat = free.shift();
    if (seat !== undefined) given.set(name, seat);
  }
  return Object.fromEntries(given);
}

/** What still fits into the name of a file with all else that stands there. */
const longest = 200;

/** Where it is led to now. One that has several instances by now sits nowhere, though its seat may still have something under way. */
export function seatOf({ name, instances }: Side, seats: Seats = {}): number | undefined {
  const [only, ...others] = instances;
  const isShort = only !== undefined && name.length + only.host.length <= longest;
  return isShort && others.length === 0 ? seats[name] : undefined;
}

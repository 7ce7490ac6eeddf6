/**
 * Weights as files, which servers look up for each request: `shares/<side>/1f` says that places beginning with 1f belong to the side,
 * `shares/_groups/0` that the first group of the configuration is led to its side, `shares/_users` that users get cookies. So another
 * division is one rename, in force from the next request on, and no server loads anything: a load closes idle connections of clients,
 * and not all of them try again. The share of a group is a link to its side.
 *
 * A server whose configuration names no sides finds the same by number: `_1` is the first side, `_1/_at` who sits there.
 */
import { createHash, randomBytes } from 'node:crypto';
import {
  mkdirSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Side } from '../../../ports/traffic.ts';
import { authorityOf } from '../authority.ts';
import { groupsInForce } from '../division.ts';
import { setUpOf, type Kept } from './kept.ts';
import { placesOf } from './places.ts';
import { seatOf, type Seats } from './seats.ts';

/** A link to the directory that is in force. */
export const sharesName = 'shares';
/** Within a side's directory, one file named `<seat>@<side>@<address>`; seat 0 is none. */
export const atName = '_at';
/** Stands in the place of a seat while requests are divided, so that there is more to be looked up. */
export const divided = '-';
/** How many are kept beside the one in force, because requests that began before a change still look there. */
const earlier = 3;

/**
 * A directory with one file, `<seat>@<side>@<address>@<shares>`: whoever needs several answers for a request keeps to the shares that it
 * found. A configuration that names other sides looks elsewhere, so that it is not led to one that it does not know yet.
 */
export function inForceName({ route, seats }: Pick<Kept, 'route' | 'seats'>): string {
  const named = route.sides.filter((side) => seatOf(side, seats) === undefined).map(({ name }) => name);
  const digest = createHash('sha256').update(named.toSorted().join(' ')).digest('hex').slice(0, 12);
  return `${inForcePrefix}${digest}`;
}

const inForcePrefix = 'in-force-';

/** Names the directory of a side by its position, from 1. */
export function byPosition(position: number): string {
  return `_${position}`;
}

/** Beside the directories of sides, whose names begin with a letter or a digit. Each file says that something is in force. */
const groupsName = '_groups';
export const usersShare = '_users';

/** Names the file of a group by its number in the configuration. */
export function groupShare(index: number): string {
  return `${groupsName}/${index}`;
}

/** A file that is there while the group is led to this side, which has no seat. */
export function groupAt(index: number, side: string): string {
  return `${groupShare(index)}/${atName}/${unseated(side)}`;
}

function unseated(side: string): string {
  return `0@${side}@`;
}

/** Some dozens of empty files: written at once, they take less time than it takes to wait for each. */
export function writeShares(directory: string, kept: Pick<Kept, 'route' | 'setUp' | 'seats'>): void {
  const { sides, sticky } = kept.route;
  const name = `${sharesName}-${randomBytes(6).toString('hex')}`;
  const places = placesOf(sides, sticky?.salt ?? '');
  for (const [index, side] of sides.entries()) {
    const own = join(directory, name, side.name);
    mkdirSync(join(own, atName), { recursive: true, mode: 0o700 });
    for (const place of places.get(side.name)!) writeFileSync(join(own, place), '');
    writeFileSync(join(own, atName, whereIs(side, kept.seats)), '');
    symlinkSync(side.name, join(directory, name, byPosition(index + 1)));
  }
  mkdirSync(join(directory, name, groupsName), { recursive: true, mode: 0o700 });
  const { groups = [] } = kept.route;
  for (const [at, index] of groupsInForce(setUpOf(kept), kept.route).entries())
    if (sides.some((side) => side.name === groups[at]!.side))
      symlinkSync(`../${groups[at]!.side}`, join(directory, name, groupShare(index)));
  if (sticky !== undefined) writeFileSync(join(directory, name, usersShare), '');
  symlinkSync(name, join(directory, `${name}.link`));
  renameSync(join(directory, `${name}.link`), join(directory, sharesName));
  const [leading, ...others] = sides.filter(({ weight }) => weight > 0);
  const target = leading === undefined || others.length > 0 ? `${divided}@@` : whereIs(leading, kept.seats);
  putInForce(join(directory, inForceName(kept)), `${target}@${name}`);
}

function whereIs(side: Side, seats: Seats | undefined): string {
  const seat = seatOf(side, seats);
  return seat === undefined ? unseated(side.name) : `${seat}@${side.name}@${authorityOf(side.instances[0]!)}`;
}

/** There is always one to be found. */
function putInForce(directory: string, name: string): void {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  writeFileSync(join(directory, name), '');
  for (const other of readdirSync(directory)) if (other !== name) rmSync(join(directory, other));
}

/** Once a configuration is in force that looks for these shares. */
export function forgetOtherShares(directory: string, kept: Pick<Kept, 'route' | 'seats'>): void {
  const names = readdirSync(directory);
  const other = names.filter((name) => name.startsWith(inForcePrefix) && name !== inForceName(kept));
  const current = readlinkSync(join(directory, sharesName));
  const age = (name: string) => statSync(join(directory, name)).mtimeMs;
  const older = names
    .filter((name) => name.startsWith(`${sharesName}-`) && name !== current)
    .toSorted((left, right) => age(right) - age(left))
    .slice(earlier);
  for (const name of [...other, ...older]) rmSync(join(directory, name), { recursive: true, force: true });
}

/**
 * Weights as files, which servers look up for each request: `shares/<side>/1f` says that places beginning with 1f belong to the side,
 * `shares/_groups/0` that the first group of the configuration is led to its side, `shares/_users` that users get cookies. So another
 * division is one rename, in force from the next request on, and no server loads anything: a load closes idle connections of clients,
 * and not all of them try again.
 */
import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { groupsInForce } from '../division.ts';
import { setUpOf, type Kept } from './kept.ts';
import { placesOf } from './places.ts';

/** A link to the directory that is in force. */
export const sharesName = 'shares';

/** Beside the directories of sides, whose names begin with a letter or a digit. Each file says that something is in force. */
const groupsName = '_groups';
export const usersShare = '_users';

/** Names the file of a group by its number in the configuration. */
export function groupShare(index: number): string {
  return `${groupsName}/${index}`;
}

/** Some dozens of empty files: written at once, they take less time than it takes to wait for each. */
export function writeShares(directory: string, kept: Pick<Kept, 'route' | 'setUp'>): void {
  const { sides, sticky } = kept.route;
  const name = `${sharesName}-${randomBytes(6).toString('hex')}`;
  for (const [side, places] of placesOf(sides, sticky?.salt ?? '')) {
    const own = join(directory, name, side);
    mkdirSync(own, { recursive: true, mode: 0o700 });
    for (const place of places) writeFileSync(join(own, place), '');
  }
  mkdirSync(join(directory, name, groupsName), { recursive: true, mode: 0o700 });
  for (const index of groupsInForce(setUpOf(kept), kept.route))
    writeFileSync(join(directory, name, groupShare(index)), '');
  if (sticky !== undefined) writeFileSync(join(directory, name, usersShare), '');
  symlinkSync(name, join(directory, `${name}.link`));
  renameSync(join(directory, `${name}.link`), join(directory, sharesName));
  for (const old of readdirSync(directory))
    if (old.startsWith(`${sharesName}-`) && old !== name) rmSync(join(directory, old), { recursive: true });
}

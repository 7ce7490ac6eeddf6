/**
 * Weights as files, which servers look up for each request: `shares/<side>/1f` says that places beginning with 1f belong to the side. So a
 * change of weights is one rename, in force from the next request on, and no server loads anything: a load closes idle connections
 * of clients, and not all of them try again.
 */
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Route } from '../../../ports/traffic.ts';
import { placesOf } from './places.ts';

/** A link to the directory that is in force. */
export const sharesName = 'shares';

export async function writeShares(directory: string, { sides, sticky }: Route): Promise<void> {
  const name = `${sharesName}-${randomBytes(6).toString('hex')}`;
  for (const [side, places] of placesOf(sides, sticky?.salt ?? '')) {
    const own = join(directory, name, side);
    await mkdir(own, { recursive: true, mode: 0o700 });
    await Promise.all(places.map((place) => writeFile(join(own, place), '')));
  }
  await symlink(name, join(directory, `${name}.link`));
  await rename(join(directory, `${name}.link`), join(directory, sharesName));
  for (const old of await readdir(directory))
    if (old.startsWith(`${sharesName}-`) && old !== name) await rm(join(directory, old), { recursive: true });
}

/**
 * Weights as files, which servers look up for each request: `shares/<side>/1f` says that places beginning with 1f belong to the side. So a
 * change of weights is one rename, in force from the next request on, and no server loads anything: a load closes idle connections
 * of clients, and not all of them try again.
 */
import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Route } from '../../../ports/traffic.ts';
import { placesOf } from './places.ts';

/** A link to the directory that is in force. */
export const sharesName = 'shares';

/** Some dozens of empty files: written at once, they take less time than it takes to wait for each. */
export function writeShares(directory: string, { sides, sticky }: Route): void {
  const name = `${sharesName}-${randomBytes(6).toString('hex')}`;
  for (const [side, places] of placesOf(sides, sticky?.salt ?? '')) {
    const own = join(directory, name, side);
    mkdirSync(own, { recursive: true, mode: 0o700 });
    for (const place of places) writeFileSync(join(own, place), '');
  }
  symlinkSync(name, join(directory, `${name}.link`));
  renameSync(join(directory, `${name}.link`), join(directory, sharesName));
  for (const old of readdirSync(directory))
    if (old.startsWith(`${sharesName}-`) && old !== name) rmSync(join(directory, old), { recursive: true });
}

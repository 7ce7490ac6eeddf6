import { lstatSync, realpathSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve, sep } from 'node:path';
import { Failure } from '../../domain/base/failure.ts';

/**
 * The path of `relative` in `directory`. It need not exist, but as much of it as does must lie inside, links
 * followed. True at the moment of asking: a command that still runs there could change it afterwards.
 * @throws Failure `input/invalid` when it would lead outside.
 */
export function inside(directory: string, relative: string): string {
  const parts = relative.split(/[/\\]/);
  if (isAbsolute(relative) || relative.includes('\0') || parts.includes('..'))
    throw outside(relative, 'Write a relative path without "..".');
  const path = resolve(join(directory, relative));
  const home = realpathSync(directory);
  const real = realPathOfWhatExists(path, relative);
  if (real !== home && !real.startsWith(home + sep))
    throw outside(relative, 'A symbolic link on the way leads elsewhere.');
  return path;
}

function realPathOfWhatExists(path: string, relative: string): string {
  for (let existing = path; ; existing = dirname(existing)) {
    if (lstatSync(existing, { throwIfNoEntry: false }) === undefined) continue;
    try {
      return realpathSync(existing);
    } catch {
      // It is a link to something absent, or to itself: whoever writes there decides where that is.
      throw outside(relative, 'A symbolic link on the way leads nowhere.');
    }
  }
}

function outside(relative: string, hint: string): Failure {
  return new Failure('input/invalid', `the path ${JSON.stringify(relative.slice(0, 300))} leads out of its directory`, {
    hint,
  });
}

/** `image-program.ts <wish>`, in the directory of a build: makes the image of the release; what it says is the build's output. */
import { lstatSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { readDirectoryEntries, type FoundEntry } from '../adapters/artifacts/directory-entries.ts';
import { writeArchive } from '../adapters/artifacts/write-archive.ts';
import { readDockerignore } from '../adapters/targets/docker/dockerignore.ts';
import { createEngine } from '../adapters/targets/docker/engine.ts';
import { keepImage } from '../adapters/targets/docker/keep-image.ts';
import { asFailure, Failure, failureCatalog } from '../domain/base/failure.ts';
import type { ImageWish } from '../ports/images.ts';

/** Nobody said no; somebody could not be asked. As in sysexits.h. */
const temporary = 75;

const directory = process.cwd();
const wish = JSON.parse(process.argv[2]!) as ImageWish & { readonly dockerHost?: string };

try {
  const engine = createEngine({ dockerHost: wish.dockerHost });
  await keepImage({ engine, directory, context, say: (text) => process.stdout.write(text) }, wish);
} catch (thrown) {
  const { code, message, hint } = asFailure(thrown);
  process.stderr.write(`${message}\n${hint === undefined ? '' : `${hint}\n`}`);
  process.exitCode = failureCatalog[code].retry ? temporary : 1;
}

/** The Dockerfile itself is sent whatever is ignored. */
async function context(dockerfile: string): Promise<Readable> {
  if (!lstatSync(join(directory, dockerfile), { throwIfNoEntry: false })?.isFile())
    throw new Failure('image/invalid', `there is no ${dockerfile} in this commit`, {
      hint: 'build.dockerfile names it, relative to the root of the repository.',
    });
  const ignores = readDockerignore(await ignoreFileOf(dockerfile));
  const entries = await readDirectoryEntries(
    directory,
    (path, isDirectory) =>
      path !== dockerfile &&
      ignores(path) &&
      !(isDirectory && (ignores.takesBack || dockerfile.startsWith(`${path}/`))),
  );
  return Readable.from(
    writeArchive(
      directory,
      entries.filter((entry) => isWanted(entry, entries)),
    ),
  );

  /** A directory that was only looked into because something below it might be wanted. */
  function isWanted({ kind, path }: FoundEntry, all: readonly FoundEntry[]): boolean {
    if (kind !== 'directory' || !ignores(path)) return true;
    return all.some((other) => other.kind !== 'directory' && other.path.startsWith(`${path}/`));
  }
}

/** One beside the Dockerfile, for it alone, comes before that of the directory. */
async function ignoreFileOf(dockerfile: string): Promise<string> {
  for (const path of [`${dockerfile}.dockerignore`, '.dockerignore']) {
    const text = await readFile(join(directory, path), 'utf8').catch(() => undefined);
    if (text !== undefined) return text;
  }
  return '';
}

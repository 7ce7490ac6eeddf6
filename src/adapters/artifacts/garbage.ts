/** Removes what nobody names any more, while others pack and unpack. */
import { randomUUID } from 'node:crypto';
import { chmod, lstat, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** Longer than packing or unpacking takes. What a killed process left is removed after that. */
const temporaryForMs = 3_600_000;

/** Answers how many bytes were freed. `keep` names digests by their hexadecimal digits. */
export async function collectGarbage(directory: string, keep: ReadonlySet<string>, graceMs: number): Promise<number> {
  let freed = 0;
  for (const name of await readdir(directory).catch(() => [])) {
    const minimumAgeMs = minimumAge(name, keep, graceMs);
    if (minimumAgeMs !== undefined) freed += await removeIfOld(directory, name, minimumAgeMs);
  }
  return freed;
}

/** How old it must be to go; `undefined` for what must stay, everything that is not ours included. */
function minimumAge(name: string, keep: ReadonlySet<string>, graceMs: number): number | undefined {
  if (name.startsWith('.garbage-')) return 0;
  if (/^\.(?:pack|unpack)-/.test(name)) return temporaryForMs;
  const hex = /^([0-9a-f]{64})(?:\.tar\.gz|(?:\.\d+)?(?:\.seen)?)$/.exec(name)?.[1];
  return hex === undefined || keep.has(hex) ? undefined : graceMs;
}

/** Renamed first, so that nobody ever finds it half removed; looked at again, because it may just have been stored anew. */
async function removeIfOld(directory: string, name: string, minimumAgeMs: number): Promise<number> {
  const path = join(directory, name);
  if (!(await isOlder(path, minimumAgeMs))) return 0;
  const doomed = join(directory, `.garbage-${randomUUID()}`);
  const moved = await rename(path, doomed).then(
    () => true,
    () => false,
  );
  if (!moved) return 0;
  if (!(await isOlder(doomed, minimumAgeMs))) {
    await rename(doomed, path).catch(() => removeTree(doomed));
    return 0;
  }
  const bytes = await sizeOf(doomed);
  await removeTree(doomed);
  return bytes;
}

async function isOlder(path: string, ageMs: number): Promise<boolean> {
  const found = await lstat(path).catch(() => undefined);
  return found !== undefined && (ageMs === 0 || Date.now() - found.mtimeMs >= ageMs);
}

async function sizeOf(path: string): Promise<number> {
  const found = await lstat(path).catch(() => undefined);
  if (found?.isDirectory() !== true) return found?.size ?? 0;
  let bytes = 0;
  for (const name of await readdir(path)) bytes += await sizeOf(join(path, name));
  return bytes;
}

/** Also removes read-only directories, which an ordinary user cannot empty as they are. Does nothing for an absent path. */
export async function removeTree(path: string): Promise<void> {
  await makeWritable(path);
  await rm(path, { recursive: true, force: true });
}

async function makeWritable(path: string): Promise<void> {
  const found = await lstat(path).catch(() => undefined);
  if (found?.isDirectory() !== true) return;
  await chmod(path, 0o700);
  for (const entry of await readdir(path, { withFileTypes: true })) {
    if (entry.isDirectory()) await makeWritable(join(path, entry.name));
  }
}

/** What is kept of an environment's address beside the configuration of its server. All of it is its owner's alone. */
import { randomBytes } from 'node:crypto';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Route, Side } from '../../../ports/traffic.ts';

export interface Kept {
  /** As it is in force. */
  readonly route: Route;
  /** Sides that left the route; told of until nothing is under way there. */
  readonly gone: readonly Side[];
  /** By side: since when it gets no new request (epoch ms). */
  readonly drainingSince: Readonly<Record<string, number>>;
}

interface Change {
  readonly route: Route;
  readonly now: number;
  readonly isBusy: (side: Side) => boolean;
}

export function keptAfter(before: Kept | undefined, { route, now, isBusy }: Change): Kept {
  const named = new Set(route.sides.map(({ name }) => name));
  const gone = [...(before?.gone.filter(isBusy) ?? []), ...(before?.route.sides ?? [])].filter(
    ({ name }) => !named.has(name),
  );
  const draining = [...gone, ...route.sides.filter(({ weight }) => weight === 0)];
  return {
    route,
    gone,
    drainingSince: Object.fromEntries(draining.map(({ name }) => [name, before?.drainingSince[name] ?? now])),
  };
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

/** Makes the cookies of users: the same for ever, so that they stay where they are. */
export async function cookieKey(directory: string): Promise<Buffer> {
  const file = join(directory, 'cookie.key');
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const known = await readFile(file).catch(() => undefined);
  if (known?.length === 32) return known;
  const made = randomBytes(32);
  await writeWhole(file, made);
  return made;
}

/** The old content or the new, never a part: also when the machine stops in between. */
export async function writeWhole(file: string, content: string | Uint8Array): Promise<void> {
  const draft = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`;
  const handle = await open(draft, 'wx', 0o600);
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(draft, file);
}

export async function readJson<T>(file: string): Promise<T | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as T;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

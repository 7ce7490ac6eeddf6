/** Where this machine keeps tokens: that of its own control plane in the home, those of others by their address. */
import { mkdir, readFile, rm } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Failure } from '../domain/base/failure.ts';
import {
  findHome,
  homeAt,
  homeName,
  projectRoot,
  readServerRecord,
  readTokenFile,
  replaceFile,
  type Home,
} from '../host/home.ts';
import type { Invocation } from './invocation.ts';

type Where = Pick<Invocation, 'config' | 'directory'>;

export interface Place {
  /** No slash at the end. */
  readonly url: string;
  /** The home that it runs from, when it runs on this machine. */
  readonly home: Home | undefined;
}

/**
 * The one that is named, the one of this project, or else the one that was signed in to last: a project with a control plane of
 * its own is never taken to another one because that does not run. @throws Failure `server/unreachable` when none is known here.
 */
export async function findServer({ config, directory }: Where): Promise<Place> {
  const home = config.home === undefined ? findHome(directory) : homeAt(config.home);
  const own = home && (await readServerRecord(home))?.url;
  const isElsewhere = config.home === undefined && !existsSync(join(projectRoot(directory), homeName));
  const url = config.serverUrl ?? own ?? (isElsewhere ? await lastServer(config.settings) : undefined);
  if (url === undefined) {
    throw new Failure('server/unreachable', 'no control plane is running here', {
      hint: 'liftlock up, liftlock login <link>, or name one with LIFTLOCK_URL',
    });
  }
  if (!URL.canParse(url))
    throw new Failure('input/invalid', `${url} is not the address of a control plane`, {
      hint: 'LIFTLOCK_URL=https://liftlock.example.org',
    });
  return { url: plain(url), home: own !== undefined && plain(own) === plain(url) ? home : undefined };
}

/** A token is shown to no server but the one that it is for; LIFTLOCK_TOKEN and LIFTLOCK_TOKEN_FILE are for the one named. */
export async function tokenFor({ config }: Where, { url, home }: Place): Promise<string | undefined> {
  if (config.token !== undefined) return config.token;
  if (config.tokenFile !== undefined) return (await readFile(config.tokenFile, 'utf8').catch(() => undefined))?.trim();
  const own = home && (await readTokenFile(home));
  return own ?? (await readKept(config.settings))[url];
}

/** Answers the file. */
export async function keepToken({ config }: Where, { url, home }: Place, token: string): Promise<string> {
  if (home !== undefined) {
    await replaceFile(home.tokenFile, token);
    return home.tokenFile;
  }
  const file = await writeKept(config.settings, { ...(await readKept(config.settings)), [url]: token });
  if (config.settings !== undefined) await replaceFile(lastFileIn(config.settings), url);
  return file;
}

export async function dropToken({ config }: Where, { url, home }: Place): Promise<void> {
  if (home !== undefined) await rm(home.tokenFile, { force: true });
  const { [url]: dropped, ...others } = await readKept(config.settings);
  if (dropped !== undefined) await writeKept(config.settings, others);
  if (config.settings !== undefined && (await lastServer(config.settings)) === url)
    await rm(lastFileIn(config.settings), { force: true });
}

async function lastServer(settings: string | undefined): Promise<string | undefined> {
  if (settings === undefined) return undefined;
  const text = await readFile(lastFileIn(settings), 'utf8').catch(() => '');
  return text.trim() === '' ? undefined : text.trim();
}

type Kept = Readonly<Record<string, string>>;

const fileIn = (settings: string) => join(settings, 'liftlock', 'credentials.json');
const lastFileIn = (settings: string) => join(settings, 'liftlock', 'last-server');

async function readKept(settings: string | undefined): Promise<Kept> {
  if (settings === undefined) return {};
  const text = await readFile(fileIn(settings), 'utf8').catch(() => '{}');
  try {
    return JSON.parse(text) as Kept;
  } catch {
    return {};
  }
}

async function writeKept(settings: string | undefined, kept: Kept): Promise<string> {
  if (settings === undefined)
    throw new Failure('input/invalid', 'there is no place for a token: this user has no home directory', {
      hint: 'liftlock token create prints one; set LIFTLOCK_TOKEN_FILE',
    });
  const file = fileIn(settings);
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  await replaceFile(file, JSON.stringify(kept));
  return file;
}

function plain(url: string): string {
  return url.replace(/\/+$/, '');
}

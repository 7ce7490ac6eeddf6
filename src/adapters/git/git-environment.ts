/**
 * The one environment every Git command runs in. It is built from nothing, so that neither the machine's
 * configuration, nor the service's variables, nor anything a repository contains decides what Git does.
 */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { dirname, isAbsolute, join } from 'node:path';

export interface Git {
  readonly path: string;
  readonly variables: Readonly<Record<string, string>>;
  /** Limit of every single call; the whole process group is ended then. */
  readonly timeoutMs: number;
  /** Told the process group of every command as soon as it exists. */
  readonly onStart?: (pid: number) => void;
}

export interface GitSettings {
  /** Where our own copies live. */
  readonly directory: string;
  /** Absolute path of the Git program; found in the usual places when absent. */
  readonly gitPath?: string;
  readonly timeoutMs?: number;
  /** More variables for Git, such as `HTTPS_PROXY` or `SSH_AUTH_SOCK`; they cannot replace the fixed ones. */
  readonly variables?: Readonly<Record<string, string>>;
}

const usualPlaces = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/opt/homebrew/bin';

/**
 * Options before every subcommand. The command line outranks every configuration file.
 * The three `fetch.fsck` exceptions are harmless flaws of old, unchangeable history that hosting platforms let through.
 * Nothing is followed to another address, and no transport may fall back to a helper program.
 */
export const fixedOptions: readonly string[] = [
  'core.hooksPath=/dev/null',
  'core.attributesFile=/dev/null',
  'core.fsmonitor=false',
  'core.fsync=committed,reference',
  'core.quotePath=false',
  'gc.auto=0',
  'maintenance.auto=false',
  'transfer.fsckObjects=true',
  'fetch.fsckObjects=true',
  'fetch.fsck.zeroPaddedFilemode=ignore',
  'fetch.fsck.badTimezone=ignore',
  'fetch.fsck.missingSpaceBeforeDate=ignore',
  'fetch.unpackLimit=1',
  'fetch.recurseSubmodules=no',
  'submodule.recurse=false',
  'credential.helper=',
  'http.followRedirects=false',
  'http.lowSpeedLimit=1',
  'http.lowSpeedTime=60',
  'log.showSignature=false',
  'advice.graftFileDeprecated=false',
].flatMap((setting) => ['-c', setting]);

/** Prepares the empty home and the one configuration file, and answers how to call Git. */
export async function prepareGit(settings: GitSettings): Promise<Git> {
  const home = join(settings.directory, '.git-home');
  await mkdir(home, { recursive: true, mode: 0o700 });
  const configuration = await writeConfiguration(settings.directory);
  const path = settings.gitPath ?? 'git';
  return {
    path,
    timeoutMs: settings.timeoutMs ?? 120_000,
    variables: {
      ...settings.variables,
      PATH: isAbsolute(path) ? `${dirname(path)}:${usualPlaces}` : usualPlaces,
      HOME: home,
      LC_ALL: 'C',
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_CONFIG_GLOBAL: configuration,
      GIT_TERMINAL_PROMPT: '0',
      GIT_ASKPASS: '',
      SSH_ASKPASS: '',
      GIT_SSH_COMMAND: 'ssh -o BatchMode=yes -o ConnectTimeout=20 -o ServerAliveInterval=20 -o ForwardAgent=no',
      GIT_NO_REPLACE_OBJECTS: '1',
      GIT_NO_LAZY_FETCH: '1',
      GIT_GRAFT_FILE: '/dev/null',
      GIT_OPTIONAL_LOCKS: '0',
      GIT_ALLOW_PROTOCOL: 'file:http:https:ssh',
      GIT_PROTOCOL_FROM_USER: '0',
    },
  };
}

/**
 * `git upload-pack`, which serves a local repository to our fetch, refuses repositories of another user and
 * hears neither `-c` nor `GIT_CONFIG_COUNT`: only a configuration file reaches it. Serving such a repository
 * is what Git calls safe (no hooks, no commands of its configuration are run), so this one check is lifted.
 */
async function writeConfiguration(directory: string): Promise<string> {
  const path = join(directory, '.git-configuration');
  const content = '[safe]\n\tdirectory = *\n';
  const present = await readFile(path, 'utf8').catch(() => undefined);
  if (present === content) return path;
  const temporary = `${path}.${randomUUID()}`;
  await writeFile(temporary, content, { flush: true });
  await rename(temporary, path);
  return path;
}

/** What a machine needs to run Liftlock. */
import { ok, problem, warning, type Result } from './finding.ts';

const gibibyte = 1024 ** 3;
const wantedBytes = 2 * gibibyte;

/** @param version As `process.versions.node` says it. */
export function nodeFinding(version: string): Result {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const isRecent = major > 22 || (major === 22 && minor >= 18);
  return isRecent ? ok(`Node ${version}`) : problem(`Node ${version}`, 'install Node 22.18 or newer');
}

/** @param said What `git --version` printed; `undefined` when there is no git. */
export function gitFinding(said: string | undefined): Result {
  if (said === undefined) return problem('git is not installed', 'install git');
  const [major = 0, minor = 0] = (/(\d+)\.(\d+)/.exec(said) ?? []).slice(1).map(Number);
  const isRecent = major > 2 || (major === 2 && minor >= 38);
  return isRecent ? ok(said) : warning(said, 'git 2.38 or newer is what Liftlock is tested with');
}

export function diskFinding(freeBytes: number): Result {
  const found = `${(freeBytes / gibibyte).toFixed(1)} GiB free`;
  return freeBytes > wantedBytes ? ok(found) : warning(found, 'artifacts and databases want 2 GiB or more');
}

/** @param commits Of the repository around a directory: whether there is one, and anything in it to deploy. */
export function commitsFinding(root: string, commits: 'no repository' | 'none' | 'some'): Result {
  switch (commits) {
    case 'no repository':
      return problem(`${root} is no Git repository: there are no commits to deploy`, 'git init, and commit');
    case 'none':
      return warning(`nothing is committed in ${root} yet`, 'git commit');
    case 'some':
      return ok(root);
  }
}

export function homeFinding(directory: string, isOpen: boolean): Result {
  return isOpen ? warning(directory, `others can look into it: chmod 700 ${directory}`) : ok(directory);
}

/** What Liftlock runs for a project runs as the same user. */
export function userFinding(isRoot: boolean): Result {
  return isRoot
    ? warning(
        'root: builds, commands and services of projects may do everything on this machine',
        'run Liftlock as a user of its own; services then also cannot write over what they were unpacked from',
      )
    : ok('not root');
}

/** @param asking Environments whose services are processes of this machine and are to be limited by the kernel. */
export function limitsFinding(canLimit: boolean, asking: readonly string[]): Result {
  if (canLimit) return ok('services can be limited');
  if (asking.length === 0) return ok('no service is to be limited by what only root can limit');
  return warning(
    `memory, cpu and processes of ${asking.join(', ')} are not limited: that takes root and control groups of the kernel`,
    'use target: { kind: docker } there, or limit the unit that runs Liftlock',
  );
}

/** A database inside the home is on the same disk as everything else; nobody copies either of itself. */
export function backupFinding(isEmbedded: boolean, home: string): Result {
  return isEmbedded
    ? warning(
        'the database lies in the home, and Liftlock makes no copy of it',
        `copy ${home} to another machine while Liftlock is down, and try once to start from the copy`,
      )
    : ok('the database is a server of its own; who runs it keeps its backups');
}

/** Of a server that other machines reach. */
export function encryptionFinding({
  isReachable,
  isBehindTls,
}: {
  isReachable: boolean;
  isBehindTls: boolean;
}): Result {
  if (!isReachable) return ok('the API answers on this machine only');
  return isBehindTls
    ? ok('the API is reached through a proxy with TLS')
    : problem(
        'the API answers beyond this machine without encryption',
        'put a proxy with TLS before it, and say so with LIFTLOCK_PUBLIC_URL',
      );
}

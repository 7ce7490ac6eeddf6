import { asFailure, Failure } from '../../../domain/base/failure.ts';

/** What a server that did not start wrote, as a failure; `passes` when the same start may succeed in a moment. */
export interface Explanation {
  readonly failure: Failure;
  readonly passes: boolean;
}

/** PostgreSQL notices a full disk either by its error or by a write that stays short. */
const outOfSpace = /No space left on device|Disk quota exceeded|wrote only \d+ of \d+ bytes/;

const diskFull = 'Free space on the disk of the data directory, then start again; nothing was lost.';
const noOtherUser =
  'This container may not change users: run Liftlock as an ordinary user, or set DATABASE_URL to a PostgreSQL 15 or newer.';
const noPermission =
  'Run Liftlock as the user who owns the data directory, or give the directory to this user (chown -R).';

/** Reads the log of a server that ended during its start. */
export function explainServerLog(
  log: string,
  { port, logFile }: { readonly port: number; readonly logFile: string },
): Explanation {
  const reason = /(?:FATAL|PANIC): +(.*)/.exec(log)?.[1] ?? log.trim().split('\n').slice(-3).join('; ');
  const because = (code: 'database/failed' | 'database/unreachable', hint: string): Failure =>
    new Failure(code, `the embedded PostgreSQL did not start: ${reason}`, { hint });
  if (/could not bind|could not create any TCP\/IP sockets/.test(log)) {
    const failure = new Failure(
      'server/port-taken',
      `port ${port} on 127.0.0.1 is taken, so the embedded PostgreSQL cannot listen on it`,
      {
        hint: `End what listens on port ${port}; addresses of databases that were handed out name it.`,
      },
    );
    return { failure, passes: false };
  }
  if (/lock file ".*" already exists|lock file .*is empty/.test(log)) {
    const hint = 'Another PostgreSQL uses the data directory; end it, or wait until it has ended.';
    return { failure: because('database/unreachable', hint), passes: true };
  }
  if (/pre-existing shared memory block/.test(log)) {
    const hint =
      'Sessions of a server that was killed still run; start again when they have ended, or end those processes.';
    return { failure: because('database/unreachable', hint), passes: true };
  }
  if (outOfSpace.test(log)) return { failure: because('database/failed', diskFull), passes: false };
  if (/Permission denied|wrong ownership|invalid permissions/.test(log)) {
    return { failure: because('database/failed', noPermission), passes: false };
  }
  const killed = /ended with SIG/.test(log);
  return { failure: because('database/failed', `The log says more: ${logFile}`), passes: killed };
}

/** What initdb said when it failed, or why it could not be run at all. */
export function explainInitdb(said: string, native: string): Failure {
  const reason = /(?:error|FATAL|PANIC): +(.*)/.exec(said)?.[1] ?? said.trim().split('\n').slice(-3).join('; ');
  const failed = (hint: string): Failure =>
    new Failure('database/failed', `the database could not be initialised: ${reason}`, { hint });
  if (outOfSpace.test(said)) return failed(diskFull);
  if (/could not look up effective user ID/.test(said)) {
    return failed(
      'PostgreSQL needs a name for the user it runs as: add one to /etc/passwd, run as another user, or set DATABASE_URL.',
    );
  }
  if (/ENOENT|cannot execute|Exec format error|error while loading shared libraries|GLIBC/.test(said)) {
    const hint =
      'The programs need Linux with glibc (not musl, as on Alpine) or macOS; elsewhere set DATABASE_URL to a PostgreSQL 15 or newer.';
    return new Failure('database/unsupported', `the PostgreSQL in ${native} does not run on this machine: ${reason}`, {
      hint,
    });
  }
  if (/EPERM|EINVAL/.test(said)) return failed(noOtherUser);
  if (/Permission denied|EACCES/.test(said)) return failed(noPermission);
  return failed('Look at the message; if it does not help, set DATABASE_URL to a PostgreSQL 15 or newer.');
}

/** What the file system refused, as a failure; anything else stays what it is. */
export function explainFileError(error: unknown, place: string): Failure {
  if (error instanceof Failure) return error;
  const { code, message, syscall } = error as NodeJS.ErrnoException;
  if (code === undefined) return asFailure(error);
  const hints: Record<string, string> = {
    ENOSPC: diskFull,
    EDQUOT: diskFull,
    EACCES: noPermission,
    EPERM: noPermission,
    EROFS: 'Choose a data directory that can be written.',
  };
  return new Failure('database/failed', `the database directory ${place} cannot be used: ${message}`, {
    hint:
      (syscall === 'chown' || syscall === 'fchown' ? noOtherUser : hints[code]) ??
      'Restore the directory from a backup, or move it away to begin with an empty database.',
    cause: error,
  });
}

import { stat } from 'node:fs/promises';
import { Failure } from '../../../domain/base/failure.ts';

/** The user and group PostgreSQL runs as when we are root; PostgreSQL refuses to run as root. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
}

/** `nobody` on Linux. */
const unprivileged: Account = { uid: 65534, gid: 65534 };

/**
 * Who runs the server of this data directory: `undefined` for an ordinary user (it runs as we do);
 * as root the owner of existing data, so that a directory made by a user before still works, else `nobody`.
 * @throws Failure `database/unsupported` as root anywhere but on Linux (see `dataArgument`).
 */
export async function accountFor(dataDirectory: string): Promise<Account | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  if (process.platform !== 'linux') {
    throw new Failure('database/unsupported', `the embedded PostgreSQL cannot run as root on ${process.platform}`, {
      hint: 'Run Liftlock as an ordinary user, or set DATABASE_URL to a PostgreSQL 15 or newer.',
    });
  }
  const owner = await stat(dataDirectory).catch(() => undefined);
  return owner === undefined || owner.uid === 0 ? unprivileged : { uid: owner.uid, gid: owner.gid };
}

/**
 * How the data directory is named to PostgreSQL, which must be started with it as working directory.
 *
 * Started by root, the data may lie below directories the account cannot enter (a home of mode 0700).
 * Nothing needs to move for that: the working directory is entered while still root, and
 * `/proc/self/cwd` leads every process of the server back to it without passing through its parents.
 * So the data stays where it was asked for, below parents that keep everybody else out.
 */
export function dataArgument(dataDirectory: string, account: Account | undefined): string {
  return account === undefined ? dataDirectory : '/proc/self/cwd';
}

/** What an error of `pg` means: try the transaction again, tell the caller in our words, or a defect of ours. */
import { Failure } from '../../domain/base/failure.ts';

/** SQLSTATE of a server's error, or the code of a socket's. */
function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const code = (error as { code?: unknown }).code;
  return typeof code === 'string' ? code : undefined;
}

/** Serialisation failure, deadlock, lock timeout, and a statement prepared before a migration: the same work may succeed now. */
export function mayRunAgain(error: unknown): boolean {
  return ['40001', '40P01', '55P03'].includes(codeOf(error) ?? '') || isOutdatedStatement(error);
}

/** A statement prepared before a migration stays broken for as long as its connection lives. */
export function spoilsConnection(error: unknown): boolean {
  return isOutdatedStatement(error) || isConnectionError(error);
}

function isOutdatedStatement(error: unknown): boolean {
  return codeOf(error) === '0A000' && /cached plan/.test((error as Error).message);
}

/** `57P01`-`57P05`: shut down, crashed, starting, dropped, idle too long. `08`: connection. `53300`: all connections taken. */
function isConnectionError(error: unknown): boolean {
  const code = codeOf(error);
  if (code !== undefined && /^(08...|57P0[1-5]|53300)$/.test(code)) return true;
  if (code !== undefined && socketErrors.includes(code)) return true;
  return error instanceof Error && brokenConnection.test(error.message);
}

const socketErrors = [
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ENOENT',
];

/** Messages that `pg` and `pg-pool` give without a code. */
const brokenConnection =
  /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error|Client was closed|Cannot use a pool after calling end)/;

/** The error in our words; an error that is none of these is a defect of ours and stays what it is. */
export function explain(error: unknown): unknown {
  if (error instanceof Failure || !(error instanceof Error)) return error;
  if (isConnectionError(error)) {
    return new Failure('database/unreachable', `PostgreSQL does not answer: ${error.message}`, {
      hint: 'Nothing is lost: ask again when it is back.',
      cause: error,
    });
  }
  const code = codeOf(error) ?? '';
  const known = explained.find(({ codes }) => codes.test(code));
  if (known === undefined) return error;
  return new Failure(known.code, `${known.message}: ${error.message}`, { hint: known.hint, cause: error });
}

const explained = [
  {
    codes: /^28/,
    code: 'database/unsupported',
    message: 'PostgreSQL refuses our user',
    hint: 'Check user and password in DATABASE_URL.',
  },
  {
    codes: /^3D000$/,
    code: 'database/unsupported',
    message: 'PostgreSQL does not have our database',
    hint: 'Create the database that DATABASE_URL names.',
  },
  {
    codes: /^53/,
    code: 'database/failed',
    message: 'PostgreSQL is out of resources',
    hint: 'Free disk space or memory on its machine; Liftlock goes on by itself.',
  },
  {
    codes: /^57014$/,
    code: 'database/failed',
    message: 'PostgreSQL took too long',
    hint: 'It may be overloaded: look at its load and log.',
  },
  {
    codes: /^25006$/,
    code: 'database/failed',
    message: 'PostgreSQL accepts no writes',
    hint: 'DATABASE_URL may name a standby; it must name the primary server.',
  },
  {
    codes: /^(40|55|58|XX)/,
    code: 'database/failed',
    message: 'PostgreSQL could not do it',
    hint: 'Try again, and look at its log.',
  },
] as const;

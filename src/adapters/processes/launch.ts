import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { closeSync, constants, openSync, rmSync } from 'node:fs';
import { Socket } from 'node:net';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { identify } from './identity.ts';
import type { Identity } from './identity.ts';
import type { Order } from './order.ts';

/** A process that has everything but permission: it runs the command once `go` is called, and ends unused when we die first. */
export interface Launched {
  readonly identity: Identity;
  /** Standard output and standard error, in the order written. */
  readonly output: Readable;
  readonly ended: Promise<Ending>;
  go(): void;
}

export interface Ending {
  readonly exitCode: number | null;
  readonly signal: string | null;
}

/** A shell that waits for a line on standard input before it becomes the command, so that its identity can be stored first. */
const gate = [
  'IFS= read -r __liftlock_go || exit 125; unset __liftlock_go; exec </dev/null 2>&1',
  // More than the machine allows is refused; then the machine's own limit holds.
  '[ -z "$2" ] || ulimit -n "$2" || echo "[liftlock] the limit of open files could not be set to $2"',
  'exec /bin/sh -c "$1"',
].join('\n');

/** @throws the error of the operating system when the process cannot be made. */
export async function launch(order: Order, run: string): Promise<Launched> {
  const pipe = makePipe(run);
  try {
    const child = spawn('/bin/sh', ['-c', gate, 'liftlock', order.command, String(order.resources?.openFiles ?? '')], {
      cwd: order.directory,
      env: order.environment,
      detached: true,
      stdio: ['pipe', pipe?.writeEnd ?? 'pipe', 'ignore'],
    });
    const ended = endOf(child);
    return {
      identity: await identityOf(child),
      output: outputOf(child, pipe),
      ended,
      go: () => child.stdin?.end('go\n'),
    };
  } catch (error) {
    if (pipe !== undefined) closeSync(pipe.readEnd);
    throw error;
  } finally {
    if (pipe !== undefined) closeSync(pipe.writeEnd);
  }
}

interface Pipe {
  readonly readEnd: number;
  readonly writeEnd: number;
}

/**
 * A true pipe, by way of a named one: what Node gives children as a pipe is a socket, on which
 * `> /dev/stderr` fails. `undefined` where named pipes cannot be made; then the socket has to do.
 */
function makePipe(run: string): Pipe | undefined {
  const path = join(run, `output.${process.pid}.pipe`);
  try {
    execFileSync('mkfifo', ['-m', '600', path], { env: { PATH: '/usr/bin:/bin' }, stdio: 'ignore' });
    const readEnd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    return { readEnd, writeEnd: openSync(path, constants.O_WRONLY) };
  } catch {
    return undefined;
  } finally {
    rmSync(path, { force: true });
  }
}

function outputOf(child: ChildProcess, pipe: Pipe | undefined): Readable {
  const output = pipe === undefined ? child.stdout : new Socket({ fd: pipe.readEnd, readable: true, writable: false });
  if (output === null) throw new Error('the command has no output to read');
  // A broken pipe ends the output; its `close` follows and says all there is to say.
  return output.on('error', () => undefined);
}

function endOf(child: ChildProcess): Promise<Ending> {
  child.stdin?.on('error', () => undefined);
  return new Promise((resolve) => child.once('exit', (exitCode, signal) => resolve({ exitCode, signal })));
}

async function identityOf(child: ChildProcess): Promise<Identity> {
  await new Promise((resolve, reject) => child.once('spawn', resolve).once('error', reject));
  const identity = child.pid === undefined ? undefined : identify(child.pid);
  if (identity === undefined) throw new Error('the shell of the command ended before it was asked to start');
  return identity;
}

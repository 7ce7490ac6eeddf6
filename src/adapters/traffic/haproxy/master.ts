/**
 * How the master process is spoken to, and through it each worker that still serves (management guide, 9.4: master CLI). Several may
 * at once: a worker that was replaced by a reload answers what it has, and is told every change until it ends.
 */
import { connect } from 'node:net';
import { Failure } from '../../../domain/base/failure.ts';

export interface Master {
  readonly failedReloads: number;
  readonly workers: readonly Worker[];
}

export interface Worker {
  readonly pid: number;
  /** Replaced: takes no new connections. */
  readonly leaving: boolean;
}

const patienceMs = 5_000;

/** @throws Failure `traffic/unreachable` when there is no master, or it ends meanwhile; so do all of these. */
export async function askMaster(socket: string): Promise<Master> {
  const text = await say(socket, 'show proc');
  const [, failed = '0'] = /^\d+\s+master\s+\d+ \[failed: (\d+)\]/m.exec(text) ?? [];
  let leaving = false;
  const workers: Worker[] = [];
  for (const line of text.split('\n')) {
    if (line.startsWith('# old workers')) leaving = true;
    if (line.startsWith('# programs')) break;
    const pid = /^(\d+)\s+worker\s/.exec(line)?.[1];
    if (pid !== undefined) workers.push({ pid: Number(pid), leaving });
  }
  return { failedReloads: Number(failed), workers };
}

/** Carried out one after another; answers what was said to each, without empty lines. */
export function tellWorker(socket: string, { pid }: Worker, commands: readonly string[]): Promise<string[]> {
  return tell(socket, `@!${pid}`, commands);
}

/** The same, for whichever worker serves: nobody has to be asked first which one that is. */
export function tellServing(socket: string, commands: readonly string[]): Promise<string[]> {
  return tell(socket, '@1', commands);
}

async function tell(socket: string, whom: string, commands: readonly string[]): Promise<string[]> {
  const said: string[] = [];
  for (const line of linesOf(commands.map((command) => `${whom} ${command}`))) said.push(await say(socket, line));
  return said
    .join('\n')
    .split('\n')
    .filter((line) => line.trim() !== '');
}

/** A line of commands has to fit into one buffer of HAProxy (16 KiB). */
const longestLine = 8_000;

function linesOf(commands: readonly string[]): readonly string[] {
  const lines: string[] = [];
  for (const command of commands) {
    const line = `${lines.at(-1) ?? ''}; ${command}`;
    if (lines.length > 0 && line.length <= longestLine) lines[lines.length - 1] = line;
    else lines.push(command);
  }
  return lines;
}

/** The master closes the connection before it begins. */
export async function reload(socket: string): Promise<void> {
  await say(socket, 'reload');
}

export function unreachable(why: string): Failure {
  return new Failure('traffic/unreachable', `HAProxy cannot be told what to do: ${why}`, {
    hint: 'It is started again by itself.',
  });
}

function say(socket: string, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const connection = connect(socket);
    let answer = '';
    connection.setTimeout(patienceMs, () => connection.destroy(new Error('HAProxy does not answer in time')));
    connection.on('data', (chunk: Buffer) => (answer += chunk.toString('utf8')));
    connection.once('error', ({ message }) => reject(unreachable(message)));
    connection.once('close', () => resolve(answer));
    connection.end(`${text}\n`);
  });
}

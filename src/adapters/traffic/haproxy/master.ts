/**
 * How the master process is spoken to, and through it each worker that still serves (management guide, 9.4: master CLI). Several may
 * at once: a worker that was replaced by a reload answers what it has, and is told every change until it ends.
 */
import { connect } from 'node:net';

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

/** @throws the error of the socket when there is no master. */
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
  const text = await say(socket, commands.map((command) => `${whom} ${command}`).join('; '));
  return text.split('\n').filter((line) => line.trim() !== '');
}

/** The master closes the connection before it begins. */
export async function reload(socket: string): Promise<void> {
  await say(socket, 'reload');
}

function say(socket: string, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const connection = connect(socket);
    let answer = '';
    connection.setTimeout(patienceMs, () => connection.destroy(new Error('HAProxy does not answer in time')));
    connection.on('data', (chunk: Buffer) => (answer += chunk.toString('utf8')));
    connection.once('error', reject);
    connection.once('close', () => resolve(answer));
    connection.end(`${text}\n`);
  });
}

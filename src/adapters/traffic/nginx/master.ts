import { readFile, readlink, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { titleOf } from '../program/sockets.ts';

/** The process that started the workers; `undefined` when it does not run. */
export async function masterOf(directory: string): Promise<number | undefined> {
  const pid = Number(await readFile(join(directory, 'nginx.pid'), 'utf8').catch(() => ''));
  if (!(pid > 1)) return undefined;
  // A number is given to others again after a restart of the machine.
  const [cwd, own] = await Promise.all([
    readlink(`/proc/${pid}/cwd`).catch(() => ''),
    realpath(directory).catch(() => undefined),
  ]);
  return cwd === own && (await titleOf(pid)).startsWith('nginx: master') ? pid : undefined;
}

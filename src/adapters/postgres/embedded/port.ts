import { randomInt } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Failure } from '../../../domain/base/failure.ts';
import { isFree } from '../../../system/free-address.ts';

/**
 * Below the range from which systems lend ports to outgoing connections (32768 up on Linux, 49152 on
 * macOS): applications keep a database URL with the port, so it should still be free after a restart.
 */
const range = { from: 15_432, to: 32_767 };

const host = '127.0.0.1';

/** The port of last time when it is free, else a free one; never one of `busy`. */
export async function choosePort(directory: string, busy: ReadonlySet<number>): Promise<number> {
  const remembered = Number(await readFile(path.join(directory, 'port'), 'utf8').catch(() => ''));
  if (isPort(remembered) && !busy.has(remembered) && (await isFree({ host, port: remembered }))) return remembered;
  for (let attempt = 0; attempt < 100; attempt++) {
    const port = randomInt(range.from, range.to + 1);
    if (!busy.has(port) && (await isFree({ host, port }))) return port;
  }
  throw new Failure('server/port-taken', `no free port was found on ${host} between ${range.from} and ${range.to}`, {
    hint: 'Check that the loopback interface is up and that this user may listen on it.',
  });
}

export async function rememberPort(directory: string, port: number): Promise<void> {
  const file = path.join(directory, 'port');
  if ((await readFile(file, 'utf8').catch(() => '')) === String(port)) return;
  const fresh = `${file}.new-${process.pid}`;
  await writeFile(fresh, String(port), { mode: 0o600 });
  await rename(fresh, file);
}

function isPort(number: number): boolean {
  return Number.isInteger(number) && number >= 1024 && number <= 65_535;
}

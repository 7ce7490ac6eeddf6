import { createHash } from 'node:crypto';
import { readFile, readdir, readlink } from 'node:fs/promises';
import { Failure } from '../../../domain/base/failure.ts';
import { obstacleAt } from '../../../system/free-address.ts';

interface PortHolder {
  readonly pid: number;
  readonly name: string;
}

/** True when somebody listens there. Asked by trying to listen at every address a service may choose, one after the other. */
export async function isTaken(port: number): Promise<boolean> {
  for (const host of ['127.0.0.1', '0.0.0.0', '::1', '::']) {
    const obstacle = await obstacleAt({ host, port, ipv6Only: host.includes(':') });
    // Other errors (no IPv6, no right to a low port) say nothing about whether it is taken.
    if (obstacle?.code === 'EADDRINUSE') return true;
  }
  return false;
}

/**
 * Says who has the port of an environment, where that can be known. `target/failed`; `traffic/address-lost` (may pass) when users
 * got through there before.
 */
export async function portTaken(
  environment: string,
  port: number,
  code: 'target/failed' | 'traffic/address-lost' = 'target/failed',
): Promise<Failure> {
  const holder = await holderOf(port);
  const by = holder === undefined ? 'another process' : `process ${holder.pid} (${holder.name})`;
  return new Failure(code, `port ${port} of ${environment} is taken by ${by}`, {
    hint: `Stop ${holder === undefined ? 'what listens there' : `process ${holder.pid}`}, or give the environment another port, then deploy again.`,
  });
}

/** Whether somebody listens there, seen without asking anybody; `undefined` where the platform does not tell (Linux does). */
export async function hasListener(port: number): Promise<boolean | undefined> {
  const rows = await Promise.all(tables.map((table) => readFile(table, 'utf8').catch(absent)));
  if (rows.includes(undefined) || rows.every((text) => text === '')) return undefined;
  return rows.some((text) => listenersIn(text!, port).length > 0);
}

/** A table that is not there says something, one that cannot be read just now does not. */
function absent({ code }: NodeJS.ErrnoException): '' | undefined {
  return code === 'ENOENT' ? '' : undefined;
}

const tables = ['/proc/net/tcp', '/proc/net/tcp6'];

/** Who listens on the port; `undefined` when the platform does not say (it does on Linux, for processes we may look at). */
async function holderOf(port: number): Promise<PortHolder | undefined> {
  const sockets = new Set((await Promise.all(tables.map(textOf))).flatMap((text) => listenersIn(text, port)));
  if (sockets.size === 0) return undefined;
  for (const pid of (await namesIn('/proc')).filter((name) => /^\d+$/.test(name))) {
    for (const descriptor of await namesIn(`/proc/${pid}/fd`)) {
      const link = await readlink(`/proc/${pid}/fd/${descriptor}`).catch(() => '');
      if (sockets.has(link)) return { pid: Number(pid), name: await nameOf(pid) };
    }
  }
  return undefined;
}

/** The kernel keeps 15 characters of a name; whoever gave himself a longer one wrote it where his arguments were. */
async function nameOf(pid: string): Promise<string> {
  const short = (await textOf(`/proc/${pid}/comm`)).trim();
  const [long = ''] = (await textOf(`/proc/${pid}/cmdline`)).split('\0');
  return short !== '' && long.startsWith(short) ? long : short;
}

/** `socket:[inode]` of every listening socket (state 0A); the columns are those of proc_net_tcp(5). */
function listenersIn(table: string, port: number): string[] {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return table
    .split('\n')
    .map((row) => row.trim().split(/\s+/))
    .filter(([, local, , state]) => state === '0A' && local?.endsWith(suffix) === true)
    .map((row) => `socket:[${row[9]}]`);
}

function textOf(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '');
}

function namesIn(directory: string): Promise<string[]> {
  return readdir(directory).catch(() => []);
}

/** Ports of instances: below those that the kernel gives to outgoing connections, above those of environments. */
const firstPort = 17_500;
const ports = 10_000;

/**
 * Begins to look at a place that differs between instances, so that two that start at once seldom want the same port, and leaves
 * out those that were given to somebody who does not listen yet.
 */
export async function freePort(key: string, given: ReadonlySet<number>): Promise<number> {
  const begin = createHash('sha256').update(key).digest().readUInt32BE() % ports;
  for (let index = 0; index < ports; index++) {
    const port = firstPort + ((begin + index) % ports);
    if (!given.has(port) && !(await isTaken(port))) return port;
  }
  throw new Failure('target/failed', `all ports from ${firstPort} to ${firstPort + ports - 1} are taken`, {
    hint: 'End what listens there, then deploy again.',
  });
}

/** Connections as the kernel tells them (Linux): how many a process holds to whom. */
import { readFile, readdir, readlink } from 'node:fs/promises';
import { isIP } from 'node:net';
import type { Instance } from '../../../ports/traffic.ts';

interface Row {
  readonly remote: Instance;
  readonly state: string;
  readonly inode: string;
}

/** ESTABLISHED, and half closed by one of both. */
const open = new Set(['01', '04', '05', '08']);

/** Where the connections lead that these processes hold, of those that lead to one of the ports. */
export async function connectionsOf(pids: readonly number[], ports: ReadonlySet<number>): Promise<readonly Instance[]> {
  const rows = (await tcpRows()).filter(({ state, remote }) => open.has(state) && ports.has(remote.port));
  if (rows.length === 0) return [];
  const own = await Promise.all(pids.map(socketsOf));
  return rows.filter((row) => own.some((sockets) => sockets.has(socketOf(row)))).map(({ remote }) => remote);
}

/** An instance that is named is known by its port alone. */
export function isAt(remote: Instance, { host, port }: Instance): boolean {
  return remote.port === port && (isIP(host) !== 4 || remote.host === host);
}

/** Processes that this one started and that are still there. */
export async function childrenOf(pid: number): Promise<readonly number[]> {
  const text = await textOf(`/proc/${pid}/task/${pid}/children`);
  return text.split(' ').filter(Boolean).map(Number);
}

/** Its command line or the title that it gave itself; empty when it is gone. */
export function titleOf(pid: number): Promise<string> {
  return textOf(`/proc/${pid}/cmdline`);
}

/** The columns are those of proc_net_tcp(5). */
async function tcpRows(): Promise<readonly Row[]> {
  const tables = await Promise.all(['/proc/net/tcp', '/proc/net/tcp6'].map(textOf));
  return tables
    .flatMap((table) => table.split('\n').slice(1))
    .map((row) => row.trim().split(/\s+/))
    .filter((columns) => columns.length > 9)
    .map((columns) => ({
      remote: placeOf(columns[2]!),
      state: columns[3]!,
      inode: columns[9]!,
    }));
}

/** `0100007F:1F90` is 127.0.0.1:8080; of an IPv6 address only an IPv4 one inside it is told. */
function placeOf(text: string): Instance {
  const [address = '', port = ''] = text.split(':');
  const bytes = Buffer.from(address.slice(-8), 'hex').toReversed();
  return { host: [...bytes].join('.'), port: Number.parseInt(port, 16) };
}

function socketOf({ inode }: Row): string {
  return `socket:[${inode}]`;
}

async function socketsOf(pid: number): Promise<ReadonlySet<string>> {
  const names = await namesIn(`/proc/${pid}/fd`);
  return new Set(await Promise.all(names.map((name) => readlink(`/proc/${pid}/fd/${name}`).catch(() => ''))));
}

function textOf(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '');
}

function namesIn(directory: string): Promise<string[]> {
  return readdir(directory).catch(() => []);
}

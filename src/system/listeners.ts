/** Who listens at a port of this machine, as the kernel tells it (Linux). */
import { readFile, readdir, readlink } from 'node:fs/promises';

interface PortHolder {
  readonly pid: number;
  readonly name: string;
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
export async function holderOf(port: number): Promise<PortHolder | undefined> {
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

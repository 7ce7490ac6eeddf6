/** On which port a control plane listens when nobody asks for a certain one: that of last time, else the first that is free. */
import type { Home } from '../host/home.ts';
import { readLastPort, writeLastPort } from '../host/last-port.ts';
import { isFree } from '../system/free-address.ts';

const usualPort = 7400;
export const lastToTry = usualPort + 19;

/** Looked for beforehand, because a start that finds its port taken has started a database in vain. */
export async function firstToTry(host: string, home: Home): Promise<number> {
  const last = await readLastPort(home);
  if (last !== undefined && (await isFree({ host, port: last }))) return last;
  for (let port = usualPort; port <= lastToTry; port++) if (await isFree({ host, port })) return port;
  return usualPort;
}

/** Links and bookmarks lead to the same address next time; a disk that is full is no reason not to run. */
export async function keepPort(home: Home, port: number): Promise<void> {
  if ((await readLastPort(home)) !== port) await writeLastPort(home, port).catch(() => undefined);
}

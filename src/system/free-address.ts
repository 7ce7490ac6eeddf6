/** Whether somebody has an address of this machine. Asked by listening there: nothing else says it everywhere. */
import { createServer } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

interface Address {
  readonly host: string;
  readonly port: number;
  /** Of `::`: not of IPv4 as well. */
  readonly ipv6Only?: boolean;
}

/** What is in the way of listening there; `undefined` when it is free at this moment. */
export function obstacleAt({ host, port, ipv6Only = false }: Address): Promise<NodeJS.ErrnoException | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', resolve);
    server.listen({ host, port, ipv6Only, exclusive: true }, () => server.close(() => resolve(undefined)));
  });
}

export async function isFree(address: Address): Promise<boolean> {
  return (await obstacleAt(address)) === undefined;
}

const lookMs = 10;

/** What is still in the way after so long: whoever has just been ended may need a moment to be gone. */
export async function lastingObstacleAt(
  address: Address,
  patienceMs: number,
): Promise<NodeJS.ErrnoException | undefined> {
  for (const end = Date.now() + patienceMs; ; await wait(lookMs)) {
    const error = await obstacleAt(address);
    if (error?.code !== 'EADDRINUSE' || Date.now() > end) return error;
  }
}

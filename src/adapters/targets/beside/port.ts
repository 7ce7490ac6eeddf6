import { createHash } from 'node:crypto';
import { Failure } from '../../../domain/base/failure.ts';
import { obstacleAt } from '../../../system/free-address.ts';
import { holderOf } from '../../../system/listeners.ts';

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

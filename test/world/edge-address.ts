/** An address of the edge in the process of the test, and an instance behind it. */
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { openAddress, type Address } from '../../src/adapters/traffic/edge/address.ts';
import { listen } from '../../src/adapters/traffic/edge/listener.ts';
import type { Route } from '../../src/ports/traffic.ts';
import { idOf } from '../make/facts.ts';
import { freePort } from './traffic.ts';

export interface OpenAddress {
  readonly address: Address;
  close(): Promise<void>;
}

/** A route at a free port to instances at these. */
export async function routeTo(ports: readonly number[]): Promise<Route> {
  return {
    environment: idOf('env', 1),
    by: 'edge',
    listen: { host: '127.0.0.1', port: await freePort() },
    sides: [{ name: 'one', weight: 10_000, instances: ports.map((port) => ({ host: '127.0.0.1', port })) }],
  };
}

export async function openAddressTo(ports: readonly number[]): Promise<OpenAddress> {
  const address = openAddress(await routeTo(ports), Buffer.alloc(32));
  const listener = await listen(address);
  return {
    address,
    async close() {
      await listener.close(0);
      await address.close();
    },
  };
}

export interface OpenInstance {
  readonly server: Server;
  readonly port: number;
  close(): void;
}

export async function openInstance(answer: RequestListener): Promise<OpenInstance> {
  const server = createServer(answer);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    server,
    port: (server.address() as AddressInfo).port,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

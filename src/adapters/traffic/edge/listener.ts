/** The open address of one environment. */
import { createServer, type Server } from 'node:http';
import { Server as NetServer } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Listen } from '../../../ports/traffic.ts';
import { lastingObstacleAt } from '../../../system/free-address.ts';
import type { Address } from './address.ts';
import { forward, refuse } from './forward.ts';
import { Ambiguous } from './headers.ts';
import { tunnel } from './tunnel.ts';

export interface Listener {
  /** Takes no more connections; those that are open end with their next answer. Resolves when nothing is under way, or after `graceMs`. */
  close(graceMs: number): Promise<void>;
}

/** Browsers and proxies keep idle connections for a minute or so: whoever closes first should not be us. */
const times = { keepAliveTimeout: 75_000, headersTimeout: 60_000, requestTimeout: 0 };
/** Whatever the process was started with: what was read is written on as it came. */
const parsing = { insecureHTTPParser: false, optimizeEmptyRequests: true };

/** @throws the error of `listen`: EADDRINUSE, EACCES, EADDRNOTAVAIL. */
export async function listen(address: Address): Promise<Listener> {
  let leaving = false;
  const isLeaving = () => leaving;
  const server = createServer({ ...times, ...parsing, noDelay: true }, (request, response) => {
    const exchange = { request, response, isLeaving };
    forward(address, exchange).catch((error: unknown) => {
      if (error instanceof Ambiguous) refuse(exchange, 400, error.message);
      else refuse(exchange, 502, 'the request could not be passed on');
    });
  });
  const connections = new Set<Duplex>();
  server.on('connection', (socket: Duplex) => {
    connections.add(socket);
    socket.once('close', () => connections.delete(socket));
  });
  server.on('upgrade', (request, socket, head) => {
    tunnel(address, { request, socket, head }).catch(() => socket.destroy());
  });
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    if (error.code === 'ECONNRESET' || !socket.writable) socket.destroy();
    else socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
  });
  await open(server, address.route.listen);
  return {
    close: (graceMs) => {
      leaving = true;
      return close(server, address, { connections, graceMs });
    },
  };
}

/** An address that we have just closed is free when the launcher has closed it too. */
const closingMs = 1_000;

/**
 * To be asked before `listen` at an address that no other worker has: where a worker of a cluster fails to listen, Node 24 leaves
 * a handle open that nobody can reach, and ends the process when it is to listen there again. @throws as `listen`.
 */
export async function requireFree(place: Listen): Promise<void> {
  const obstacle = await lastingObstacleAt(place, closingMs);
  if (obstacle !== undefined) throw obstacle;
}

function open(server: Server, { host, port }: Listen): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port, backlog: 1_024 }, () => {
      server.off('error', reject);
      server.on('error', () => undefined);
      resolve();
    });
  });
}

/**
 * An idle connection is not closed under a client that may be writing on it: it is told `Connection: close` with its
 * next answer, or closed after the time in which a client would have used it.
 */
async function close(
  server: Server,
  address: Address,
  { connections, graceMs }: { connections: ReadonlySet<Duplex>; graceMs: number },
): Promise<void> {
  // The close of an HTTP server would end idle connections at once; that of the server below it leaves them alone.
  const stopped = new Promise<void>((resolve) => NetServer.prototype.close.call(server, () => resolve()));
  const end = Date.now() + graceMs;
  while (Date.now() < end && connections.size > 0) await new Promise((resolve) => setTimeout(resolve, 50));
  address.endTunnels();
  for (let left = 20; left > 0 && address.busy() > 0 && connections.size > 0; left--)
    await new Promise((resolve) => setTimeout(resolve, 50));
  for (const socket of connections) socket.destroy();
  await stopped;
}

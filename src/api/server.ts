/** The HTTP server: listens, answers, and stops without cutting anybody short. */
import type { Server as HttpServer } from 'node:http';
import { isIPv6, type AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { Failure } from '../domain/base/failure.ts';
import type { EventFeed } from '../ports/events.ts';
import type { CiIdentities, IdentityProvider } from '../ports/identities.ts';
import type { Machine } from '../ports/machine.ts';
import type { Log } from '../ports/log.ts';
import type { AuditParts } from '../engine/audit/sequence.ts';
import type { World } from '../engine/world.ts';
import { createApp } from './app.ts';
import { createBackground, type Background } from './background.ts';
import { createStreams, usualStreamPace, type StreamPace, type Streams } from './event-stream.ts';
import { readConsole } from './console.ts';
import { createFigures } from './figures.ts';
import { createNaming } from './naming.ts';
import { isLoopback } from './origin.ts';
import type { Route } from './route.ts';
import { routeTable } from './table.ts';

export interface ServerOptions {
  readonly world: World;
  readonly feed: EventFeed;
  readonly audit: AuditParts;
  /** `port` 0 takes a free one. `names`: see `Listening`. */
  readonly listen: { readonly host: string; readonly port: number; readonly names?: readonly string[] };
  readonly log: Log;
  readonly version: string;
  readonly streamPace?: StreamPace;
  /** Where the built console lies. */
  readonly consoleDirectory?: string;
  /** Where a proxy with TLS answers for this server. */
  readonly publicUrl?: URL | undefined;
  /** At which people may sign in. */
  readonly provider?: IdentityProvider | undefined;
  readonly ciIdentities: CiIdentities;
  readonly machine: Machine;
}

export interface ApiServer {
  /** Where this machine reaches it; no slash at the end. */
  readonly url: string;
  /** What it answers, for documents and checks. */
  readonly routes: readonly Route[];
  /** Takes no more requests, ends event streams, and gives requests under way five seconds. Idempotent. */
  stop(): Promise<void>;
}

const patienceMs = 5_000;

/** In milliseconds: a client that sends slowly must not hold a connection for ever. */
const times = { headersTimeout: 10_000, requestTimeout: 30_000, keepAliveTimeout: 60_000 };

/** @throws Failure `server/port-taken`, or `input/invalid` for an address that is not ours. */
export async function startServer(options: ServerOptions): Promise<ApiServer> {
  const { world, feed, audit, log, listen, version, publicUrl, provider, ciIdentities, machine } = options;
  const exposure = { isReachable: !isLocal(listen.host), isBehindTls: publicUrl !== undefined };
  const naming = createNaming(world);
  const streams = createStreams({ world, feed, naming, pace: options.streamPace ?? usualStreamPace });
  const figures = createFigures({ world, feed, streams, version });
  const background = createBackground(log);
  const routes = routeTable({
    feed,
    audit,
    naming,
    streams,
    figures,
    background,
    version,
    provider,
    ciIdentities,
    machine,
    exposure,
  });
  let stopped: Promise<void> | undefined;
  let listening = {
    host: listen.host,
    port: listen.port,
    names: [...(listen.names ?? []), ...(publicUrl === undefined ? [] : [publicUrl.host])],
  };
  const console = options.consoleDirectory === undefined ? undefined : await readConsole(options.consoleDirectory);
  const app = createApp({
    console,
    world,
    routes,
    log,
    publicUrl,
    listening: () => listening,
    isStopping: () => stopped !== undefined,
    requestEnded: figures.requestEnded,
  });
  const server = createAdaptorServer({ fetch: app.fetch, serverOptions: times }) as HttpServer;
  await open(server, listen);
  listening = { ...listening, port: (server.address() as AddressInfo).port };
  if (exposure.isReachable && !exposure.isBehindTls)
    log.warn('the API answers beyond this machine without encryption; put a proxy with TLS before it', {
      host: listen.host,
    });
  return {
    url: `http://${authorityOf(listening)}`,
    routes,
    stop: () => (stopped ??= stop(server, streams, background)),
  };
}

function open(server: HttpServer, { host, port }: { host: string; port: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(explain(error, { host, port })));
    server.listen({ host, port }, () => {
      server.removeAllListeners('error');
      resolve();
    });
  });
}

function explain(error: NodeJS.ErrnoException, { host, port }: { host: string; port: number }): Failure {
  switch (error.code) {
    case 'EADDRINUSE':
      return new Failure('server/port-taken', `port ${port} of ${host} is taken by another program`, {
        hint: 'Stop that program (perhaps a Liftlock that runs already: `liftlock status`), or choose another port.',
        cause: error,
      });
    case 'EACCES':
      return new Failure('server/port-taken', `this user may not listen on port ${port}`, {
        hint: 'Choose a port above 1023.',
        cause: error,
      });
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new Failure('input/invalid', `${host} is not an address of this machine`, {
        hint: 'Use 127.0.0.1, or 0.0.0.0 for all addresses.',
        cause: error,
      });
    default:
      return new Failure('unexpected/error', `the server cannot listen on ${host}:${port}: ${error.message}`, {
        cause: error,
      });
  }
}

/** Idle connections are closed at once; answers under way say that they are the last on theirs. */
async function stop(server: HttpServer, streams: Streams, background: Background): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  streams.endAll();
  if (!(await settledWithin(closed, patienceMs))) server.closeAllConnections();
  await closed;
  await settledWithin(background.settled(), patienceMs);
}

/** Whether it settled in time. */
async function settledWithin(work: Promise<unknown>, milliseconds: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => (timer = setTimeout(() => resolve(false), milliseconds)));
  const answer = await Promise.race([work.then(() => true), late]);
  clearTimeout(timer);
  return answer;
}

function isLocal(host: string): boolean {
  return host === 'localhost' || isLoopback(host);
}

function authorityOf({ host, port }: { host: string; port: number }): string {
  if (host === '0.0.0.0') return `127.0.0.1:${port}`;
  if (host === '::') return `[::1]:${port}`;
  return isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`;
}

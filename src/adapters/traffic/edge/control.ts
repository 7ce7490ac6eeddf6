/** How the edge is told what to do: HTTP on loopback, for whoever holds the token in the edge's own file. */
import { timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { EnvironmentId } from '../../../domain/base/id.ts';
import type { Route, RouteState } from '../../../ports/traffic.ts';

export interface Controlled {
  readonly version: string;
  /** Answers why it could not be kept on disk, when it is in force all the same. */
  apply(route: Route): Promise<string | undefined>;
  inspect(environment: EnvironmentId): Promise<RouteState | undefined>;
  /** As `apply`. */
  remove(environment: EnvironmentId, graceMs: number): Promise<string | undefined>;
  /** Starts a successor from this file and gives it the addresses. */
  succeed(program: { exec: string; version: string }): void;
}

export interface Control {
  readonly port: number;
  /** From now on nobody is answered: who asks again finds the successor. */
  close(): void;
}

/** What was told is in force, and not on disk. */
export const notKeptStatus = 507;
const largestBody = 1_048_576;

export async function openControl(controlled: Controlled, token: string): Promise<Control> {
  let closed = false;
  const isFor = (request: IncomingMessage) => !closed && isTold(request, token);
  const server: Server = createServer((request, response) => {
    answer(controlled, isFor, { request, response }).catch((error: unknown) => {
      const { code, message } = error as NodeJS.ErrnoException;
      reply(response, code === 'EADDRINUSE' || code === 'EACCES' || code === 'EADDRNOTAVAIL' ? 409 : 500, {
        code: code ?? 'unexpected',
        message,
      });
    });
  });
  // In a process of its own: `exclusive` keeps the cluster from sharing this port with the next one.
  await new Promise<void>((resolve) => server.listen({ host: '127.0.0.1', port: 0, exclusive: true }, resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close: () => {
      closed = true;
      server.close();
      server.closeIdleConnections();
    },
  };
}

async function answer(
  controlled: Controlled,
  isFor: (request: IncomingMessage) => boolean,
  { request, response }: { request: IncomingMessage; response: ServerResponse },
): Promise<void> {
  const refuse = () => reply(response, 401, { message: 'this is not for you' });
  if (!isFor(request)) return refuse();
  const url = new URL(request.url ?? '/', 'http://edge');
  const [noun, name] = url.pathname.slice(1).split('/').map(decodeURIComponent);
  if (noun === 'health') return reply(response, 200, { version: controlled.version, pid: process.pid });
  if (noun === 'successor' && request.method === 'POST') {
    const program = (await bodyOf(request)) as { exec: string; version: string };
    controlled.succeed(program);
    return reply(response, 202, {});
  }
  if (noun !== 'routes' || name === undefined) return reply(response, 404, { message: 'there is nothing here' });
  const environment = name as EnvironmentId;
  if (request.method === 'PUT') {
    return done(response, await controlled.apply((await bodyOf(request)) as Route));
  }
  if (request.method === 'DELETE') {
    return done(response, await controlled.remove(environment, Number(url.searchParams.get('graceMs') ?? 0)));
  }
  const state = await controlled.inspect(environment);
  // What was counted is handed on from here on; an answer of this moment might be more than the successor knows.
  if (!isFor(request)) return refuse();
  return state === undefined ? reply(response, 404, { message: 'no such route' }) : reply(response, 200, state);
}

function isTold({ headers }: IncomingMessage, token: string): boolean {
  const given = Buffer.from(headers.authorization ?? '');
  const expected = Buffer.from(`Bearer ${token}`);
  return given.length === expected.length && timingSafeEqual(given, expected);
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > largestBody) throw new RangeError('too much was told at once');
    chunks.push(chunk);
  }
  return JSON.parse(Buffer.concat(chunks).toString('utf8')) as unknown;
}

function done(response: ServerResponse, notKept: string | undefined): void {
  if (notKept === undefined) reply(response, 200, {});
  else reply(response, notKeptStatus, { message: notKept });
}

function reply(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'Content-Type': 'application/json' });
  response.end(JSON.stringify(body));
}

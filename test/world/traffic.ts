/** What tests of `Traffic` need: instances that answer, clients that ask. */
import assert from 'node:assert/strict';
import { createHash, randomInt } from 'node:crypto';
import { mkdirSync, readlinkSync, rmSync, symlinkSync } from 'node:fs';
import { createServer, request, Agent, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { isAlive } from '../../src/system/alive.ts';
import { isFree } from '../../src/system/free-address.ts';
import type { Instance, Route } from '../../src/ports/traffic.ts';

export interface Backend {
  readonly name: string;
  readonly instance: Instance;
  readonly seen: IncomingMessage[];
  /** From now on every answer is 500. */
  fail(): void;
  close(): void;
}

export async function openBackend(name: string): Promise<Backend> {
  const seen: IncomingMessage[] = [];
  let status = 200;
  const server: Server = createServer((incoming, response) => {
    seen.push(incoming);
    response.setHeader('Set-Cookie', ['a=1', 'b=2']);
    response.statusCode = status;
    if (incoming.url === '/never') return;
    if (incoming.url === '/half') return void response.write('half of it', () => response.socket?.destroy());
    if (incoming.url === '/begun') return void response.write('and no end');
    if (incoming.url === '/missing') response.statusCode = 404;
    if (incoming.url === '/as-it-comes') incoming.pipe(response);
    else if (incoming.url?.startsWith('/echo'))
      void incoming.toArray().then(
        (pieces: Buffer[]) => response.end(Buffer.concat(pieces)),
        () => response.destroy(),
      );
    else response.end(name);
  });
  server.on('upgrade', (incoming, socket) => {
    const key = `${incoming.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
    const accept = createHash('sha1').update(key).digest('base64');
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
    );
    socket.on('error', () => socket.destroy());
    // Short text frames only: the echo is what is unmasked of the one that came.
    socket.on('data', (frame: Buffer) => {
      if ((frame[0]! & 0x0f) === 8) return void socket.end(Buffer.from([0x88, 0]));
      const length = frame[1]! & 0x7f;
      const text = Buffer.from(frame.subarray(6, 6 + length).map((byte, at) => byte ^ frame[2 + (at % 4)]!));
      if ((frame[0]! & 0x0f) === 1) socket.write(Buffer.concat([Buffer.from([0x81, length]), text]));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    name,
    seen,
    instance: { host: '127.0.0.1', port: (server.address() as AddressInfo).port },
    fail: () => void (status = 500),
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

export function side(name: string, weight: number, { instance }: Backend): Route['sides'][number] {
  return { name, weight, instances: [instance] };
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

export interface Question {
  readonly method?: string;
  readonly path?: string;
  readonly body?: Buffer;
  readonly headers?: Record<string, string>;
  readonly agent?: Agent;
}

/** Status 0 when the connection broke. */
export function ask(
  { listen }: Pick<Route, 'listen'>,
  { method = 'GET', path = '/', body, headers = {}, agent }: Question = {},
): Promise<Answer> {
  return new Promise((resolve) => {
    const broken = ({ message }: Error) => {
      const said = asked.reusedSocket ? `${message} on a kept connection` : message;
      resolve({ status: 0, headers: {}, body: Buffer.from(said) });
    };
    const asked = request({ ...listen, method, path, headers, agent: agent ?? false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.once('error', broken);
      response.once('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }),
      );
    });
    asked.once('error', broken);
    asked.end(body);
  });
}

/** Clients that ask again as soon as they are answered, each on its own kept connection. */
export function keepAliveLoad(
  at: Pick<Route, 'listen'>,
  clients: number,
): { answered(): number; end(): Promise<{ answered: number; failed: readonly string[] }> } {
  const over = new AbortController();
  let answered = 0;
  const failed: string[] = [];
  const client = async (): Promise<void> => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    while (!over.signal.aborted) {
      const { status, body } = await ask(at, { agent });
      if (status === 200) answered += 1;
      else failed.push(`${status} ${body.toString()}`);
    }
    agent.destroy();
  };
  const running = Array.from({ length: clients }, client);
  return {
    answered: () => answered,
    async end() {
      over.abort();
      await Promise.all(running);
      return { answered, failed };
    },
  };
}

export async function until(holds: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + 20_000;
  while (!(await holds().catch(() => false))) {
    assert.ok(Date.now() < end, 'it did not come true in 20 s');
    await wait(10);
  }
}

/** Below those that the kernel gives to outgoing connections, of which the tests beside us have thousands; above those of Liftlock. */
const [firstPort, lastPort] = [28_000, 32_700];

const givenAway = join(tmpdir(), `liftlock-test-ports-${process.getuid?.() ?? 'user'}`);
const own: string[] = [];
process.once('exit', () => own.forEach((mark) => rmSync(mark, { force: true })));

/** A port of loopback that nobody has, and that no other file of tests gets while this one runs: it may be left for seconds, and taken again. */
export async function freePort(): Promise<number> {
  mkdirSync(givenAway, { recursive: true });
  for (;;) {
    const port = randomInt(firstPort, lastPort + 1);
    if (reserve(join(givenAway, String(port))) && (await isFree({ host: '127.0.0.1', port }))) return port;
  }
}

/** A link is made in one go, with the id of its process in it; that of one that was killed is removed by who finds it. */
function reserve(mark: string): boolean {
  try {
    symlinkSync(String(process.pid), mark);
    own.push(mark);
    return true;
  } catch {
    if (!isAlive(holderOf(mark))) rmSync(mark, { force: true });
    return false;
  }
}

function holderOf(mark: string): number {
  try {
    return Number(readlinkSync(mark));
  } catch {
    return process.pid;
  }
}

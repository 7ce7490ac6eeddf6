/** The contract of `Traffic`, on the edge in its own processes. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { createServer, request, Agent, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { createClock } from '../../src/adapters/clock/system.ts';
import { createProcesses } from '../../src/adapters/processes/processes.ts';
import { createEdgeTraffic } from '../../src/adapters/traffic/edge/edge-traffic.ts';
import { readRecord } from '../../src/adapters/traffic/edge/state-file.ts';
import type { EnvironmentId } from '../../src/domain/base/id.ts';
import type { Instance, Route, Traffic } from '../../src/ports/traffic.ts';
import { idOf } from '../make-facts.ts';

describe('traffic by the edge', { timeout: 120_000 }, () => {
  let directory: string;
  let traffic: Traffic;
  const backends: Backend[] = [];
  let environments = 0;

  const edgeOf = (version: string): Traffic =>
    createEdgeTraffic({
      processes: createProcesses({ directory: join(directory, 'processes'), nodePath: process.execPath }),
      clock: createClock(),
      directory: join(directory, 'edge'),
      nodePath: process.execPath,
      version,
    });
  const backend = async (name: string): Promise<Backend> => {
    const made = await openBackend(name);
    backends.push(made);
    return made;
  };
  const routeTo = async (sides: Route['sides'], more: Partial<Route> = {}): Promise<Route> => {
    environments += 1;
    return {
      environment: idOf('env', environments) as EnvironmentId,
      listen: { host: '127.0.0.1', port: await freePort() },
      sides,
      ...more,
    };
  };

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'liftlock edge '));
    traffic = edgeOf('1.0.0');
  });
  after(async () => {
    const processes = createProcesses({ directory: join(directory, 'processes'), nodePath: process.execPath });
    for (const { key } of await processes.list('edge/')) await processes.stop(key, 2_000);
    for (const { close } of backends) close();
    await rm(directory, { recursive: true, force: true, maxRetries: 5 });
  });

  test('requests, bodies and answers go through whole, and the instance learns who asked', async () => {
    const one = await backend('one');
    const route = await routeTo([side('one', 10_000, one)]);
    await traffic.apply(route);
    const body = Buffer.alloc(3_000_000, 'liftlock');
    const answer = await ask(route, {
      method: 'POST',
      path: '/echo?a=b',
      body,
      headers: { Connection: 'x-mine', 'X-Mine': '1' },
    });
    assert.equal(answer.status, 200);
    assert.ok(answer.body.equals(body));
    const { headers, url } = one.seen.at(-1)!;
    assert.equal(url, '/echo?a=b');
    assert.equal(headers['x-forwarded-for'], '127.0.0.1');
    assert.equal(headers['x-forwarded-host'], `127.0.0.1:${route.listen.port}`);
    assert.equal(headers['x-mine'], undefined, 'what Connection names ends at the edge');
    assert.deepEqual(answer.headers['set-cookie'], ['a=1', 'b=2']);
  });

  test('weights are exact over a hundred requests, and what was counted adds up', async () => {
    const [stable, fresh] = [await backend('stable'), await backend('fresh')];
    for (const percent of [1, 5, 10, 25, 50]) {
      const route = await routeTo([
        side('stable', 10_000 - percent * 100, stable),
        side('fresh', percent * 100, fresh),
      ]);
      await traffic.apply(route);
      const answers = await Promise.all(Array.from({ length: 200 }, () => ask(route)));
      assert.equal(answers.filter(({ body }) => body.toString() === 'fresh').length, percent * 2);
      const state = await traffic.inspect(route.environment);
      assert.deepEqual(
        state!.sides.map(({ name, counted }) => [name, counted['all']?.requests, counted['all']?.failures]),
        [
          ['stable', 200 - percent * 2, 0],
          ['fresh', percent * 2, 0],
        ],
      );
    }
  });

  test('a user who is known by a header or by our cookie stays on his side while the weight grows', async () => {
    const [stable, fresh] = [await backend('stable'), await backend('fresh')];
    const sides = (weight: number) => [side('stable', 10_000 - weight, stable), side('fresh', weight, fresh)];
    const route = await routeTo(sides(0), { sticky: { header: 'X-User', salt: 'one' } });
    const moved = new Map<string, number>();
    for (const weight of [500, 2_500, 5_000, 9_000]) {
      await traffic.apply({ ...route, sides: sides(weight) });
      for (let user = 0; user < 60; user++) {
        const name = `user-${user}`;
        const isFresh = (await ask(route, { headers: { 'X-User': name } })).body.toString() === 'fresh';
        assert.ok(isFresh || !moved.has(name), `${name} went back at ${weight}`);
        if (isFresh && !moved.has(name)) moved.set(name, weight);
      }
    }
    assert.ok(moved.size > 40 && moved.size < 60, `${moved.size} of 60 at 90 %`);
    const [cookie] = (await ask(route)).headers['set-cookie']!.filter((text) => text.startsWith('liftlock-user='));
    const sent = cookie!.split(';')[0]!;
    const sideOf = async (value: string) => (await ask(route, { headers: { Cookie: value } })).body.toString();
    const first = await sideOf(sent);
    for (let again = 0; again < 5; again++) assert.equal(await sideOf(sent), first);
    const forged = (await ask(route, { headers: { Cookie: 'liftlock-user=chosen.AAAAAAAAAAAAAAAAAAAAAA' } })).headers[
      'set-cookie'
    ];
    assert.ok(
      forged!.some((text) => text.startsWith('liftlock-user=')),
      'a cookie that is not ours names nobody',
    );
  });

  test('a group of users is led by header or cookie, whatever the weights say', async () => {
    const [stable, fresh] = [await backend('stable'), await backend('fresh')];
    const route = await routeTo([side('stable', 10_000, stable), side('fresh', 0, fresh)], {
      groups: [
        { side: 'fresh', by: 'header', name: 'X-Beta', value: 'yes' },
        { side: 'fresh', by: 'cookie', name: 'beta' },
      ],
    });
    await traffic.apply(route);
    assert.equal((await ask(route)).body.toString(), 'stable');
    assert.equal((await ask(route, { headers: { 'X-Beta': 'yes' } })).body.toString(), 'fresh');
    assert.equal((await ask(route, { headers: { 'X-Beta': 'no' } })).body.toString(), 'stable');
    assert.equal((await ask(route, { headers: { Cookie: 'a=b; beta=1' } })).body.toString(), 'fresh');
  });

  test('switching back and forth under keep-alive load, with the old instance killed after it drained, fails no request', async () => {
    const first = await backend('v0');
    const route = await routeTo([side('v0', 10_000, first)]);
    await traffic.apply(route);
    const load = keepAliveLoad(route, 16);
    let stable = first;
    for (let round = 1; round <= 10; round++) {
      const next = await backend(`v${round}`);
      await traffic.apply({ ...route, sides: [side(stable.name, 0, stable), side(next.name, 10_000, next)] });
      await until(
        async () =>
          (await traffic.inspect(route.environment))!.sides.find(({ name }) => name === stable.name)!.inFlight === 0,
      );
      stable.close();
      stable = next;
    }
    const { answered, failed } = await load.end();
    assert.ok(answered > 200, `${answered} requests are no load`);
    assert.deepEqual(failed, []);
  });

  test('held requests wait until a side serves again, are refused when too many wait, and give up in time', async () => {
    const one = await backend('one');
    const route = await routeTo([side('one', 10_000, one)]);
    await traffic.apply({ ...route, hold: { mostMs: 20_000, mostRequests: 2 } });
    const waiting = [ask(route), ask(route)];
    await until(async () => (await ask(route)).status === 503);
    await traffic.apply(route);
    assert.deepEqual(
      (await Promise.all(waiting)).map(({ status }) => status),
      [200, 200],
    );
    await traffic.apply({ ...route, hold: { mostMs: 50, mostRequests: 2 } });
    assert.equal((await ask(route)).status, 503);
  });

  test('a shadow gets copies of safe requests, and its failures are nobody’s', async () => {
    const [one, shadow] = [await backend('one'), await backend('shadow')];
    const route = await routeTo([side('one', 10_000, one)], { shadow: [shadow.instance] });
    await traffic.apply(route);
    assert.equal((await ask(route, { path: '/a' })).body.toString(), 'one');
    await ask(route, { method: 'POST', path: '/b', body: Buffer.from('x') });
    await until(async () => shadow.seen.length === 1);
    shadow.close();
    assert.equal((await ask(route, { path: '/c' })).body.toString(), 'one');
    assert.deepEqual(
      shadow.seen.map(({ url }) => url),
      ['/a'],
    );
    assert.equal(shadow.seen[0]!.headers['x-liftlock-shadow'], 'true');
  });

  test('an instance that cannot be reached is passed over; with none left the answer says so', async () => {
    const [one, two] = [await backend('one'), await backend('two')];
    const route = await routeTo([{ name: 'both', weight: 10_000, instances: [one.instance, two.instance] }]);
    await traffic.apply(route);
    one.close();
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask(route)));
    assert.ok(answers.every(({ status, body }) => status === 200 && body.toString() === 'two'));
    two.close();
    const none = await ask(route);
    assert.deepEqual([none.status, none.body.toString()], [502, 'no instance of this release can be reached\n']);
    const { sides } = (await traffic.inspect(route.environment))!;
    assert.equal(sides[0]!.counted['all']!.failures, 1);
  });

  test('bodies over the limit are refused, told or not', async () => {
    const one = await backend('one');
    const route = await routeTo([side('one', 10_000, one)], { limits: { bodyBytes: 1_000 } });
    await traffic.apply(route);
    assert.equal((await ask(route, { method: 'POST', path: '/echo', body: Buffer.alloc(1_000) })).status, 200);
    assert.equal((await ask(route, { method: 'POST', path: '/echo', body: Buffer.alloc(1_001) })).status, 413);
    const chunked = await ask(route, {
      method: 'POST',
      path: '/echo',
      body: Buffer.alloc(200_000),
      headers: { 'Transfer-Encoding': 'chunked' },
    });
    assert.equal(chunked.status, 413);
  });

  test('WebSockets go through, are counted apart, and are told to come back when their address closes', async () => {
    const one = await backend('one');
    const route = await routeTo([side('one', 10_000, one)]);
    await traffic.apply(route);
    const socket = new WebSocket(`ws://127.0.0.1:${route.listen.port}/chat`);
    await new Promise((resolve) => socket.addEventListener('open', resolve, { once: true }));
    const echoed = new Promise((resolve) =>
      socket.addEventListener('message', ({ data }) => resolve(data), { once: true }),
    );
    socket.send('hello');
    assert.equal(await echoed, 'hello');
    assert.equal((await traffic.inspect(route.environment))!.sides[0]!.tunnels, 1);
    const closed = new Promise<number>((resolve) =>
      socket.addEventListener('close', ({ code }) => resolve(code), { once: true }),
    );
    await traffic.remove(route.environment, 100);
    assert.equal(await closed, 1012);
    assert.equal(await traffic.inspect(route.environment), undefined);
  });

  test('an address that somebody else has is refused by name', async () => {
    const one = await backend('one');
    const taken = await backend('taken');
    const route = {
      ...(await routeTo([side('one', 10_000, one)])),
      listen: { host: '127.0.0.1', port: taken.instance.port },
    };
    await assert.rejects(traffic.apply(route), { code: 'traffic/refused', message: /EADDRINUSE/ });
  });

  test('the edge is started again with its last weights when it is killed', async () => {
    const one = await backend('one');
    const route = await routeTo([side('one', 10_000, one)]);
    await traffic.apply(route);
    const { pid } = (await readRecord(join(directory, 'edge')))!;
    process.kill(pid, 'SIGKILL');
    await until(async () => (await ask(route)).status === 200);
    assert.notEqual((await traffic.inspect(route.environment))!.counter, undefined);
  });

  test('an edge of another version hands its addresses over without a failed request', async () => {
    const one = await backend('one');
    const route = await routeTo([side('one', 10_000, one)]);
    await traffic.apply(route);
    const earlier = (await readRecord(join(directory, 'edge')))!;
    const load = keepAliveLoad(route, 8);
    const upgraded = edgeOf('2.0.0');
    assert.deepEqual((await upgraded.inspect(route.environment))!.route, route);
    await until(async () => (await upgraded.inspect(route.environment))!.sides[0]!.counted['all']!.requests > 50);
    const { answered, failed } = await load.end();
    assert.deepEqual(failed, [], `of ${answered}`);
    assert.notEqual((await readRecord(join(directory, 'edge')))!.pid, earlier.pid);
    await until(async () => !isAlive(earlier.pid));
    assert.equal((await ask(route)).status, 200);
  });
});

interface Backend {
  readonly name: string;
  readonly instance: Instance;
  readonly seen: IncomingMessage[];
  close(): void;
}

async function openBackend(name: string): Promise<Backend> {
  const seen: IncomingMessage[] = [];
  const server: Server = createServer((incoming, response) => {
    seen.push(incoming);
    response.setHeader('Set-Cookie', ['a=1', 'b=2']);
    if (incoming.url?.startsWith('/echo')) incoming.pipe(response);
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
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

function side(name: string, weight: number, { instance }: Backend): Route['sides'][number] {
  return { name, weight, instances: [instance] };
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

interface Question {
  readonly method?: string;
  readonly path?: string;
  readonly body?: Buffer;
  readonly headers?: Record<string, string>;
  readonly agent?: Agent;
}

/** Status 0 when the connection broke. */
function ask(
  { listen }: Route,
  { method = 'GET', path = '/', body, headers = {}, agent }: Question = {},
): Promise<Answer> {
  return new Promise((resolve) => {
    const broken = (error: Error) => resolve({ status: 0, headers: {}, body: Buffer.from(error.message) });
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
function keepAliveLoad(
  route: Route,
  clients: number,
): { end(): Promise<{ answered: number; failed: readonly string[] }> } {
  const over = new AbortController();
  let answered = 0;
  const failed: string[] = [];
  const client = async (): Promise<void> => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    while (!over.signal.aborted) {
      const { status, body } = await ask(route, { agent });
      if (status === 200) answered += 1;
      else failed.push(`${status} ${body.toString()}`);
    }
    agent.destroy();
  };
  const running = Array.from({ length: clients }, client);
  return {
    async end() {
      over.abort();
      await Promise.all(running);
      return { answered, failed };
    },
  };
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + 20_000;
  while (!(await holds().catch(() => false))) {
    assert.ok(Date.now() < end, 'it did not come true in 20 s');
    await wait(10);
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function freePort(): Promise<number> {
  const { instance, close } = await openBackend('port');
  close();
  return instance.port;
}

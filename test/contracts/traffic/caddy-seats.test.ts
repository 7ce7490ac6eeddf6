/** Releases come and go in Caddy without a load, which would cut off clients and end WebSockets. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { createClock } from '../../../src/adapters/clock/system.ts';
import { createProcesses } from '../../../src/adapters/processes/processes.ts';
import { createCaddyTraffic } from '../../../src/adapters/traffic/caddy/caddy-traffic.ts';
import type { Processes } from '../../../src/ports/processes.ts';
import type { Route, Traffic } from '../../../src/ports/traffic.ts';
import { idOf } from '../../make/facts.ts';
import { eventually } from '../../world/make.ts';
import { missingProgram, searchPath } from '../../world/traffic-programs.ts';
import { ask, freePort, keepAliveLoad, openBackend, side, until, type Backend } from '../../world/traffic.ts';

describe('caddy, while releases come and go', { timeout: 60_000, skip: missingProgram('caddy') ?? false }, () => {
  let directory: string;
  let processes: Processes;
  let traffic: Traffic;
  let environments = 0;
  const backends: Backend[] = [];
  const backend = async (name: string): Promise<Backend> => {
    const made = await openBackend(name);
    backends.push(made);
    return made;
  };
  const routeTo = async (sides: Route['sides']): Promise<Route> => {
    environments += 1;
    const listen = { host: '127.0.0.1', port: await freePort() };
    return { environment: idOf('env', environments), by: 'caddy', listen, sides };
  };
  const inFlight = async ({ environment }: Route, name: string) =>
    (await traffic.inspect(environment))!.sides.find((one) => one.name === name)?.inFlight;

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'liftlock caddy '));
    processes = createProcesses({ directory: join(directory, 'processes'), nodePath: process.execPath });
    traffic = createCaddyTraffic({
      processes,
      clock: createClock(),
      directory: join(directory, 'caddy'),
      searchPath,
      nodePath: process.execPath,
      version: '1.0.0',
    });
  });
  after(async () => {
    for (const { key } of await processes.list('caddy/')) await processes.stop(key, 2_000);
    for (const { close } of backends) close();
    await rm(directory, { recursive: true, force: true, maxRetries: 5 });
  });

  test('a connection that is kept and a WebSocket outlive more of them than there are seats', async () => {
    let stable = await backend('v0');
    const route = await routeTo([side('v0', 10_000, stable)]);
    await traffic.apply(route);
    const talk = await openTalk(route);
    const kept = await keepConnection(route);
    for (let number = 1; number <= 10; number++) {
      const next = await backend(`v${number}`);
      await traffic.apply({ ...route, sides: [side(stable.name, 10_000, stable), side(next.name, 0, next)] });
      await traffic.apply({ ...route, sides: [side(stable.name, 0, stable), side(next.name, 10_000, next)] });
      assert.match(await kept.ask(), new RegExp(`200 OK[^]*v${number}$`));
      if (number > 1) await eventually(async () => assert.equal(await inFlight(route, stable.name), 0));
      await traffic.apply({ ...route, sides: [side(next.name, 10_000, next)] });
      stable = next;
    }
    assert.equal(await inFlight(route, 'v0'), 1, 'the WebSocket is still there, and it is told of');
    assert.equal(await talk.say('hello'), 'hello');
    kept.end();
    talk.end();
    await eventually(async () => assert.equal((await inFlight(route, 'v0')) ?? 0, 0));
  });

  test('users begin and cease to stay, and a group is led no more, beside a connection that is kept', async () => {
    const [one, two, three] = [await backend('one'), await backend('two'), await backend('three')];
    const sides = [side('one', 10_000, one), side('two', 0, two)];
    const route = await routeTo(sides);
    const beta = { headers: { 'X-Beta': 'yes' } };
    await traffic.apply({ ...route, groups: [{ side: 'two', by: 'header', name: 'X-Beta' }] });
    assert.equal((await ask(route, beta)).body.toString(), 'two');
    const kept = await keepConnection(route);
    assert.match(await kept.ask(), /one$/);
    await traffic.apply({ ...route, sides: [side('one', 5_000, one), side('two', 5_000, two)], sticky: { salt: 'a' } });
    const [given] = (await ask(route)).headers['set-cookie']!.filter((text) => text.startsWith('liftlock-user='));
    const user = { headers: { Cookie: given!.split(';')[0]! } };
    const first = (await ask(route, user)).body.toString();
    for (let again = 0; again < 5; again++) assert.equal((await ask(route, user)).body.toString(), first);
    await traffic.apply({ ...route, sides: [side('two', 10_000, two)] });
    assert.match(await kept.ask(), /two$/);
    assert.equal(
      (await ask(route)).headers['set-cookie']!.some((text) => text.startsWith('liftlock-user=')),
      false,
    );
    await traffic.apply({ ...route, sides: [side('two', 10_000, two), side('three', 0, three)] });
    assert.equal((await ask(route, beta)).body.toString(), 'two');
    assert.match(await kept.ask(), /two$/);
    kept.end();
  });

  test('one of several instances, which Caddy has to be told of by a load, gets nobody before that', async () => {
    const [one, two, three] = [await backend('one'), await backend('two'), await backend('three')];
    const route = await routeTo([side('one', 10_000, one)]);
    const both = { name: 'both', weight: 10_000, instances: [two.instance, three.instance] };
    await traffic.apply(route);
    const load = keepAliveLoad(route, 4);
    for (let turn = 0; turn < 2; turn++) {
      await traffic.apply({ ...route, sides: [both] });
      assert.match((await ask(route)).body.toString(), /^t(wo|hree)$/);
      await traffic.apply(route);
      assert.equal((await ask(route)).body.toString(), 'one');
    }
    const { answered, failed } = await load.end();
    assert.ok(answered > 20, `${answered} requests are no load`);
    // A load may cut off a connection; it never leads to nobody.
    assert.deepEqual(
      failed.filter((what) => !what.startsWith('0 ')),
      [],
    );
  });

  test('who sits where is known to another control plane, and to a Caddy that starts again', async () => {
    const [one, two] = [await backend('one'), await backend('two')];
    const route = await routeTo([side('one', 10_000, one)]);
    await traffic.apply(route);
    await traffic.apply({ ...route, sides: [side('one', 0, one), side('two', 10_000, two)] });
    for (const { state } of await processes.list(`caddy/${route.environment}/`))
      if (state.state === 'running') process.kill(state.pid, 'SIGKILL');
    await until(async () => (await ask(route)).body.toString() === 'two');
    await traffic.apply({ ...route, sides: [side('two', 10_000, two)] });
    assert.equal((await ask(route)).body.toString(), 'two');
  });
});

async function openTalk({ listen }: Route): Promise<{ say(text: string): Promise<string>; end(): void }> {
  const socket = new WebSocket(`ws://127.0.0.1:${listen.port}/chat`);
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve, { once: true });
    socket.addEventListener('error', reject, { once: true });
  });
  return {
    say: (text) =>
      new Promise((resolve, reject) => {
        socket.addEventListener('message', ({ data }) => resolve(String(data)), { once: true });
        socket.addEventListener('close', () => reject(new Error('it was closed')), { once: true });
        socket.send(text);
      }),
    end: () => socket.close(),
  };
}

/** One connection, of which every answer is read whole: as a client keeps it that asks now and then. */
async function keepConnection({ listen }: Route): Promise<{ ask(): Promise<string>; end(): void }> {
  const socket: Socket = connect(listen);
  await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
  const closed = new Promise<never>((_, reject) =>
    socket.once('close', () => reject(new Error('the connection was closed'))),
  );
  closed.catch(() => undefined);
  const answer = () =>
    new Promise<string>((resolve) => {
      let text = '';
      const read = (piece: Buffer) => {
        text += piece.toString();
        const [, length, body] = /content-length: (\d+)\r\n[^]*?\r\n\r\n([^]*)$/i.exec(text) ?? [];
        if (body === undefined || body.length < Number(length)) return;
        socket.off('data', read);
        resolve(text);
      };
      socket.on('data', read);
    });
  return {
    ask() {
      const answered = answer();
      socket.write('GET / HTTP/1.1\r\nHost: kept.example.org\r\n\r\n');
      return Promise.race([answered, closed]);
    },
    end: () => void socket.destroy(),
  };
}

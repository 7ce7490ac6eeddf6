/** One address, one leader at a time: two edges stand for two of them. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { createClock } from '../../src/adapters/clock/system.ts';
import { createProcesses } from '../../src/adapters/processes/processes.ts';
import { createTraffic, type Leader } from '../../src/adapters/traffic/choice.ts';
import { createEdgeTraffic } from '../../src/adapters/traffic/edge/edge-traffic.ts';
import type { EnvironmentId } from '../../src/domain/base/id.ts';
import type { Processes } from '../../src/ports/processes.ts';
import type { Route, Traffic } from '../../src/ports/traffic.ts';
import { endEdge } from '../edge.ts';
import { idOf } from '../make-facts.ts';
import { ask, freePort, openBackend, side, type Backend } from '../traffic.ts';

let directory: string;
const ended: Processes[] = [];
const leaders: Partial<Record<'edge' | 'haproxy', Leader>> = {};
let traffic: Traffic;
let one: Backend;
let routes = 0;

before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'liftlock choice '));
  for (const name of ['edge', 'haproxy'] as const) {
    const processes = createProcesses({ directory: join(directory, name, 'processes'), nodePath: process.execPath });
    ended.push(processes);
    leaders[name] = createEdgeTraffic({
      processes,
      clock: createClock(),
      directory: join(directory, name),
      nodePath: process.execPath,
      version: 'test',
    });
  }
  traffic = createTraffic({ leaders, clock: createClock() });
  one = await openBackend('one');
});
after(async () => {
  one.close();
  for (const processes of ended) await endEdge(processes);
  await rm(directory, { recursive: true, force: true, maxRetries: 5 });
});

async function routeTo(): Promise<Route> {
  routes += 1;
  return {
    environment: idOf('env', routes) as EnvironmentId,
    by: 'edge',
    listen: { host: '127.0.0.1', port: await freePort() },
    sides: [side('one', 10_000, one)],
  };
}

test('an environment that chooses another leader keeps its address, and only one of them has it', async () => {
  const route = await routeTo();
  await traffic.apply(route);
  await traffic.apply({ ...route, by: 'haproxy' });
  assert.equal((await ask(route)).status, 200);
  assert.equal((await traffic.inspect(route.environment))!.route.by, 'haproxy');
  assert.equal(await leaders.edge!.inspect(route.environment), undefined);
  await traffic.apply(route);
  assert.equal((await ask(route)).status, 200);
  assert.equal((await traffic.inspect(route.environment))!.route.by, 'edge');
  await traffic.remove(route.environment, 0);
  assert.equal(await traffic.inspect(route.environment), undefined);
});

test('requests that are under way stay with the old leader until they end', async () => {
  const route = await routeTo();
  await traffic.apply(route);
  const socket = new WebSocket(`ws://127.0.0.1:${route.listen.port}/chat`);
  await new Promise((resolve) => socket.addEventListener('open', resolve, { once: true }));
  await traffic.apply({ ...route, by: 'haproxy' });
  assert.equal((await ask(route)).status, 200);
  const echoed = new Promise((resolve) =>
    socket.addEventListener('message', ({ data }) => resolve(data), { once: true }),
  );
  socket.send('still here');
  assert.equal(await echoed, 'still here');
  socket.close();
});

test('what the chosen one cannot is refused, and the old one keeps the address', async () => {
  const route = await routeTo();
  await traffic.apply(route);
  await assert.rejects(traffic.apply({ ...route, by: 'haproxy', shadow: [one.instance] }), {
    code: 'traffic/refused',
    message: 'haproxy cannot send copies of requests',
  });
  await assert.rejects(traffic.apply({ ...route, by: 'caddy' }), { code: 'traffic/refused' });
  assert.equal((await ask(route)).status, 200);
  assert.equal((await traffic.inspect(route.environment))!.route.by, 'edge');
});

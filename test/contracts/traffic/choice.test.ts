/** One address, one leader at a time: two edges stand for two of them. */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { createClock } from '../../../src/adapters/clock/system.ts';
import { createProcesses } from '../../../src/adapters/processes/processes.ts';
import { createTraffic, type Leader } from '../../../src/adapters/traffic/choice.ts';
import { createEdgeTraffic } from '../../../src/adapters/traffic/edge/edge-traffic.ts';
import type { EnvironmentId } from '../../../src/domain/base/id.ts';
import type { Processes } from '../../../src/ports/processes.ts';
import type { Route, Traffic } from '../../../src/ports/traffic.ts';
import { endEdge } from '../../world/edge.ts';
import { idOf } from '../../make/facts.ts';
import { haproxyIn, haproxyMissing } from '../../world/haproxy.ts';
import { ask, freePort, keepAliveLoad, openBackend, side, until, type Backend } from '../../world/traffic.ts';

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
  const changed = traffic.apply({ ...route, by: 'haproxy' });
  await until(async () => (await traffic.inspect(route.environment))?.route.by === 'haproxy');
  assert.equal((await ask(route)).status, 200);
  const echoed = new Promise((resolve) =>
    socket.addEventListener('message', ({ data }) => resolve(data), { once: true }),
  );
  socket.send('still here');
  assert.equal(await echoed, 'still here');
  socket.close();
  // Only then is the change done: whoever retires an instance next finds nothing under way.
  await changed;
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

test('a new leader that cannot keep the address for its next start has it all the same', async () => {
  const route = await routeTo();
  await traffic.apply(route);
  // A directory in the place of its file: it cannot write.
  const obstacle = join(directory, 'haproxy', 'routes.json');
  await rm(obstacle, { force: true });
  await mkdir(obstacle);
  await assert.rejects(traffic.apply({ ...route, by: 'haproxy' }), { code: 'traffic/not-kept' });
  assert.equal((await ask(route)).status, 200);
  assert.equal((await traffic.inspect(route.environment))!.route.by, 'haproxy');
  await rm(obstacle, { recursive: true });
  await traffic.apply({ ...route, by: 'haproxy' });
  assert.equal(await leaders.edge!.inspect(route.environment), undefined);
  await traffic.remove(route.environment, 0);
});

test(
  'between the edge and HAProxy connections are refused for a moment, and no request fails otherwise',
  { skip: haproxyMissing ?? false },
  async (t) => {
    const [processes] = ended;
    const haproxy = haproxyIn({ processes: processes!, clock: createClock(), directory: join(directory, 'real') });
    const real = createTraffic({ leaders: { edge: leaders.edge!, haproxy }, clock: createClock() });
    const route = { ...(await routeTo()), sticky: { header: 'X-User', salt: 'a' } };
    await real.apply(route);
    for (const by of ['haproxy', 'edge'] as const) {
      const clients = 4;
      const load = keepAliveLoad(route, clients);
      const over = new AbortController();
      const watched = refusals(route, over.signal);
      await real.apply({ ...route, by });
      await until(async () => (await ask(route)).status === 200);
      over.abort();
      const { failed } = await load.end();
      const { refusedMs, asked } = await watched;
      t.diagnostic(`to ${by}: new connections were refused for ${Math.round(refusedMs)} ms (${asked} asked)`);
      // The machine takes a connection before its listener does, and resets what waits there when that closes: refused, too.
      const reset = failed.filter((text) => text.endsWith('ECONNRESET'));
      assert.ok(reset.length <= clients, `to ${by}: once for each client at most, not ${reset.length} times`);
      assert.deepEqual(
        failed.filter((text) => !text.includes('ECONNREFUSED') && !reset.includes(text)),
        [],
        `to ${by}`,
      );
      assert.ok(refusedMs < 5_000, `${refusedMs} ms`);
    }
    for (const { key } of await processes!.list('haproxy/')) await processes!.stop(key, 2_000);
  },
);

/** From the first refused connection to the last. */
async function refusals(route: Route, signal: AbortSignal): Promise<{ refusedMs: number; asked: number }> {
  const refused: number[] = [];
  let asked = 0;
  while (!signal.aborted) {
    const at = performance.now();
    asked += 1;
    if ((await ask(route)).status !== 200) refused.push(at);
  }
  return { refusedMs: refused.length === 0 ? 0 : refused.at(-1)! - refused[0]!, asked };
}

/** HAProxy holds the contract of `Traffic`, and what it has of its own: reloads that nobody notices, counts that survive them. */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { Agent } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { createClock } from '../../../src/adapters/clock/system.ts';
import { createProcesses } from '../../../src/adapters/processes/processes.ts';
import { createHaproxyTraffic } from '../../../src/adapters/traffic/haproxy/haproxy-traffic.ts';
import type { EnvironmentId } from '../../../src/domain/base/id.ts';
import type { Processes } from '../../../src/ports/processes.ts';
import type { Route, Traffic } from '../../../src/ports/traffic.ts';
import { haproxyIn, haproxyMissing, workersOf } from '../../world/haproxy.ts';
import { idOf } from '../../make/facts.ts';
import { eventually } from '../../world/make.ts';
import { ask, freePort, keepAliveLoad, openBackend, side, until, type Backend } from '../../world/traffic.ts';
import { holdsTheContract } from './contract.ts';

holdsTheContract({
  by: 'haproxy',
  missing: haproxyMissing,
  open: haproxyIn,
  kill: async ({ directory }) => {
    for (const pid of (await workersOf(directory)).serving) process.kill(pid, 'SIGKILL');
  },
});

describe('our HAProxy', { timeout: 120_000, skip: haproxyMissing ?? false }, () => {
  let directory: string;
  let processes: Processes;
  let traffic: Traffic;
  const backends: Backend[] = [];
  let routes = 0;

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'liftlock haproxy '));
    processes = createProcesses({ directory: join(directory, 'processes'), nodePath: process.execPath });
    traffic = another();
  });
  after(async () => {
    for (const { key } of await processes.list('haproxy/')) await processes.stop(key, 2_000);
    for (const { close } of backends) close();
    await rm(directory, { recursive: true, force: true, maxRetries: 5 });
  });

  const another = () => haproxyIn({ processes, clock: createClock(), directory: join(directory, 'haproxy') });
  const workers = () => workersOf(join(directory, 'haproxy'));
  const backend = async (name: string): Promise<Backend> => {
    const made = await openBackend(name);
    backends.push(made);
    return made;
  };
  const routeTo = async (...sides: Route['sides']): Promise<Route> => {
    routes += 1;
    return {
      environment: idOf('env', routes) as EnvironmentId,
      by: 'haproxy',
      listen: { host: '127.0.0.1', port: await freePort() },
      sides,
    };
  };
  const countedIn = async ({ environment }: Route) =>
    (await traffic.inspect(environment))!.sides.map(({ counted }) => counted['all']!.requests);

  test('deployments follow each other, sticky or not, without a reload', async () => {
    const route = await routeTo(side('v0', 10_000, await backend('v0')));
    await traffic.apply({ ...route, sticky: { header: 'X-User', salt: 'a' } });
    const { serving } = await workers();
    for (let round = 1; round <= 6; round++) {
      const sides = [
        side(`v${round - 1}`, 5_000, backends.at(-1)!),
        side(`v${round}`, 5_000, await backend(`v${round}`)),
      ];
      await traffic.apply({ ...route, sides, sticky: { header: 'X-User', salt: `round ${round}` } });
      await traffic.apply({
        ...route,
        sides: [sides[0]!, sides[1]!].map((one, at) => ({ ...one, weight: at * 10_000 })),
      });
      assert.equal((await ask(route)).body.toString(), `v${round}`);
      await traffic.apply({ ...route, sides: [side(`v${round}`, 10_000, backends.at(-1)!)] });
    }
    assert.deepEqual(await workers(), { serving, leaving: [] });
  });

  test('the way back from groups of users reloads nothing, nor does it when they are led to the next release', async () => {
    const [stable, fresh] = [await backend('stable'), await backend('fresh')];
    const back = await routeTo(side('stable', 10_000, stable), side('fresh', 0, fresh));
    const groups = [
      { side: 'fresh', by: 'header', name: 'X-Beta', value: 'yes' },
      { side: 'fresh', by: 'cookie', name: 'early' },
    ] as const;
    const led = async () => {
      const byHeader = await ask(back, { headers: { 'X-Beta': 'yes' } });
      return [byHeader.body.toString(), (await ask(back, { headers: { Cookie: 'early=1' } })).body.toString()];
    };
    await traffic.apply({ ...back, groups });
    assert.deepEqual(await led(), ['fresh', 'fresh']);
    const { serving } = await workers();
    await traffic.apply(back);
    assert.deepEqual(await led(), ['stable', 'stable']);
    assert.deepEqual(await traffic.routeOf(back.environment), back);
    await traffic.apply({ ...back, groups: [groups[1]] });
    assert.deepEqual(await led(), ['stable', 'fresh']);
    const next = await backend('next');
    const sides = [side('fresh', 10_000, fresh), side('next', 0, next)];
    await traffic.apply({ ...back, sides, groups: groups.map((group) => ({ ...group, side: 'next' })) });
    assert.deepEqual(await led(), ['next', 'next']);
    assert.deepEqual((await workers()).serving, serving);
    for (const pid of serving) process.kill(pid, 'SIGKILL');
    await eventually(async () => assert.deepEqual(await led(), ['next', 'next']));
  });

  test('reloads under load fail no request, cut no WebSocket, and lose no count', async () => {
    const route = await routeTo(side('one', 10_000, await backend('one')));
    await traffic.apply(route);
    const socket = await openSocket(route);
    const load = keepAliveLoad(route, 8);
    const earlier = (await workers()).serving;
    for (let round = 0; round < 5; round++) {
      const seen = (await countedIn(route))[0]!;
      await traffic.apply(await routeTo(side('other', 10_000, backends.at(-1)!)));
      await until(async () => (await countedIn(route))[0]! > seen + 20);
    }
    const { answered, failed } = await load.end();
    assert.deepEqual(failed, [], `of ${answered}`);
    assert.ok(!(await workers()).serving.some((pid) => earlier.includes(pid)), 'it was reloaded');
    const echoed = new Promise((resolve) =>
      socket.addEventListener('message', ({ data }) => resolve(data), { once: true }),
    );
    socket.send('still here');
    assert.equal(await echoed, 'still here');
    await eventually(async () => assert.equal((await traffic.inspect(route.environment))!.sides[0]!.inFlight, 1));
    socket.close();
    // The WebSocket counts when it has ended.
    await until(async () => (await countedIn(route))[0] === answered + 1);
  });

  test('weights that cannot be kept on disk are in force all the same, told as that, and kept once they can be', async () => {
    const [stable, fresh] = [await backend('stable'), await backend('fresh')];
    const sides = (weight: number) => [side('stable', 10_000 - weight, stable), side('fresh', weight, fresh)];
    const route = await routeTo(...sides(10_000));
    await traffic.apply(route);
    const { serving } = await workers();
    // A directory in the place of its file: it cannot write.
    const file = join(directory, 'haproxy', `${route.environment}.places`);
    await rm(file);
    await mkdir(file);
    const back = { ...route, sides: sides(0) };
    await assert.rejects(traffic.apply(back), { code: 'traffic/not-kept' });
    assert.equal((await ask(route)).body.toString(), 'stable');
    assert.deepEqual(await traffic.routeOf(route.environment), route);
    await rm(file, { recursive: true });
    await traffic.apply(back);
    assert.deepEqual(await traffic.routeOf(route.environment), back);
    assert.deepEqual((await workers()).serving, serving);
  });

  test('a connection that was kept through a reload follows what is in force, and its client is told as before', async () => {
    const [stable, fresh] = [await backend('stable'), await backend('fresh')];
    const route = await routeTo(side('stable', 10_000, stable), side('fresh', 0, fresh));
    await traffic.apply(route);
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    assert.equal((await ask(route, { agent })).body.toString(), 'stable');
    await traffic.apply(await routeTo(side('other', 10_000, stable)));
    await traffic.apply({ ...route, sides: [side('stable', 0, stable), side('fresh', 10_000, fresh)] });
    stable.close();
    assert.equal((await ask(route, { agent })).body.toString(), 'fresh');
    assert.equal(fresh.seen.at(-1)!.headers['x-forwarded-for'], '127.0.0.1');
    agent.destroy();
  });

  test('an instance that left its side is told for as long as something is under way there', async () => {
    const [stays, leaves] = [await backend('stays'), await backend('leaves')];
    const both = { name: 'one', weight: 10_000, instances: [leaves.instance, stays.instance] };
    const route = await routeTo(both);
    await traffic.apply(route);
    const sockets = [await openSocket(route), await openSocket(route)];
    await traffic.apply({ ...route, sides: [{ ...both, instances: [stays.instance] }] });
    const leaving = async () =>
      (await traffic.inspect(route.environment))!.leaving!.map(({ port, inFlight }) => ({ port, inFlight }));
    await eventually(async () => assert.deepEqual(await leaving(), [{ port: leaves.instance.port, inFlight: 1 }]));
    for (let request = 0; request < 5; request++) assert.equal((await ask(route)).body.toString(), 'stays');
    for (const socket of sockets) socket.close();
    await until(async () => (await leaving()).length === 0);
  });

  test('another control plane finds what the last one left, and both count together', async () => {
    const route = await routeTo(side('one', 10_000, await backend('one')));
    await traffic.apply(route);
    for (let request = 0; request < 10; request++) await ask(route);
    const other = another();
    assert.deepEqual((await other.inspect(route.environment))!.route, route);
    const { counter } = (await traffic.inspect(route.environment))!;
    assert.equal((await other.inspect(route.environment))!.counter, counter);
    await Promise.all([
      other.apply(await routeTo(side('a', 10_000, backends.at(-1)!))),
      traffic.apply(await routeTo(side('b', 10_000, backends.at(-1)!))),
    ]);
    await eventually(async () => assert.deepEqual(await countedIn(route), [10]));
    assert.equal((await other.inspect(idOf('env', routes) as EnvironmentId))!.sides[0]!.name, 'b');
  });

  test('names and values that could become words of its configuration are refused, or are only text', async () => {
    const [stable, fresh] = [await backend('stable'), await backend('fresh')];
    const route = await routeTo(side('stable', 10_000, stable), side('fresh', 0, fresh));
    const group = { side: 'fresh', by: 'header', name: 'X-Beta' } as const;
    for (const wrong of [
      { groups: [{ ...group, name: "X') if TRUE #" }] },
      { groups: [{ ...group, value: 'a\n  bind :1' }] },
      { sticky: { header: 'X-User),lower', salt: '' } },
      { listen: { host: '127.0.0.1:1 name', port: 1 } },
      { environment: 'env 1\nbackend' as EnvironmentId },
      { sides: [{ name: 'stable', weight: 10_000, instances: [{ host: 'localhost check', port: 80 }] }] },
      { limits: { connectMs: Number.NaN } },
    ])
      await assert.rejects(traffic.apply({ ...route, ...wrong }), { code: 'traffic/refused' }, JSON.stringify(wrong));
    for (const value of [`it's "$HOME" } or { #`, 'back\\slash', '-i', '}']) {
      await traffic.apply({ ...route, groups: [{ ...group, value }] });
      assert.equal((await ask(route, { headers: { 'X-Beta': value } })).body.toString(), 'fresh', value);
      assert.equal((await ask(route, { headers: { 'X-Beta': `${value}.` } })).body.toString(), 'stable', value);
    }
  });

  test('a machine without it is told what to install', async () => {
    const route = await routeTo(side('one', 10_000, await backend('one')));
    const absent = createHaproxyTraffic({
      processes,
      clock: createClock(),
      directory: join(directory, 'elsewhere'),
      keyDirectory: directory,
      searchPath: directory,
    });
    // The one of this test is another process of these: it must not be taken for it.
    for (const { key } of await processes.list('haproxy/')) await processes.stop(key, 2_000);
    await assert.rejects(absent.apply(route), { code: 'traffic/unreachable', hint: /apt-get install haproxy/ });
    assert.equal(await absent.inspect(route.environment), undefined);
  });
});

async function openSocket({ listen }: Route): Promise<WebSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${listen.port}/`);
  await new Promise((resolve) => socket.addEventListener('open', resolve, { once: true }));
  return socket;
}

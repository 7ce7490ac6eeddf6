/** The edge holds the contract of `Traffic`, hands its addresses to an edge of another version, and says what it could not keep. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { createProcesses } from '../../../src/adapters/processes/processes.ts';
import { createEdgeTraffic } from '../../../src/adapters/traffic/edge/edge-traffic.ts';
import { readRecord, readState } from '../../../src/adapters/traffic/edge/state-file.ts';
import type { Processes } from '../../../src/ports/processes.ts';
import { addressTaken, type Route } from '../../../src/ports/traffic.ts';
import { edgeIn, endEdge } from '../../world/edge.ts';
import { idOf } from '../../make/facts.ts';
import { isAlive } from '../../../src/system/alive.ts';
import { ask, freePort, keepAliveLoad, openBackend, side, until } from '../../world/traffic.ts';
import { holdsTheContract } from './contract.ts';

holdsTheContract({
  by: 'edge',
  open: (parts) => createEdgeTraffic({ ...parts, nodePath: process.execPath, version: '1.0.0' }),
  kill: async ({ directory }) => void process.kill((await readRecord(directory))!.pid, 'SIGKILL'),
});

let directory: string;
let processes: Processes;

/** For each test a place of its own, and no edge that outlives it. */
function inPlaceOfItsOwn(): void {
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'liftlock edge '));
    processes = createProcesses({ directory: join(directory, 'processes'), nodePath: process.execPath });
  });
  afterEach(async () => {
    await endEdge(processes);
    await rm(directory, { recursive: true, force: true, maxRetries: 5 });
  });
}

describe('the edge of another version', { timeout: 60_000 }, () => {
  inPlaceOfItsOwn();

  test('takes the addresses over without a failed request', async () => {
    const one = await openBackend('one');
    const route: Route = {
      environment: idOf('env', 1),
      by: 'edge',
      listen: { host: '127.0.0.1', port: await freePort() },
      sides: [side('one', 10_000, one)],
    };
    await edgeIn(directory, processes, '1.0.0').apply(route);
    const earlier = (await readRecord(join(directory, 'edge')))!;
    const load = keepAliveLoad(route, 8);
    const upgraded = edgeIn(directory, processes, '2.0.0');
    assert.deepEqual((await upgraded.inspect(route.environment))!.route, route);
    await until(async () => (await upgraded.inspect(route.environment))!.sides[0]!.counted['all']!.requests > 50);
    const { answered, failed } = await load.end();
    assert.deepEqual(failed, [], `of ${answered}`);
    assert.notEqual((await readRecord(join(directory, 'edge')))!.pid, earlier.pid);
    await until(async () => !isAlive(earlier.pid));
    assert.equal((await ask(route)).status, 200);
    one.close();
  });
});

describe('an address that somebody else has', { timeout: 60_000 }, () => {
  inPlaceOfItsOwn();

  test('may be asked for again and again until it is free, and the edge serves the others meanwhile', async () => {
    const [one, taken] = [await openBackend('one'), await openBackend('taken')];
    try {
      const traffic = edgeIn(directory, processes);
      const routeAt = (number: number, port: number): Route => ({
        environment: idOf('env', number),
        by: 'edge',
        listen: { host: '127.0.0.1', port },
        sides: [side('one', 10_000, one)],
      });
      const served = routeAt(1, await freePort());
      const wanted = routeAt(2, taken.instance.port);
      await traffic.apply(served);
      const { pid } = (await readRecord(join(directory, 'edge')))!;
      for (const route of [wanted, wanted, wanted, routeAt(3, served.listen.port), routeAt(3, served.listen.port)])
        await assert.rejects(traffic.apply(route), { code: 'traffic/refused', reason: addressTaken });
      taken.close();
      await until(async () => (await ask(wanted)).status === 0);
      await traffic.apply(wanted);
      for (const route of [served, wanted]) assert.equal((await ask(route)).body.toString(), 'one');
      // Closed and opened again at once.
      await traffic.remove(wanted.environment, 0);
      await traffic.apply(wanted);
      assert.equal((await ask(wanted)).body.toString(), 'one');
      assert.equal((await readRecord(join(directory, 'edge')))!.pid, pid, 'it is the same process');
    } finally {
      one.close();
    }
  });
});

describe('an address that somebody took while the edge was away', { timeout: 60_000 }, () => {
  inPlaceOfItsOwn();

  test('is opened as soon as it is free, with what was told until then, also by an edge of another version', async () => {
    const [one, two] = [await openBackend('one'), await openBackend('two')];
    const stranger = createServer((socket) => socket.destroy());
    try {
      const routeOf = async (number: number): Promise<Route> => ({
        environment: idOf('env', number),
        by: 'edge',
        listen: { host: '127.0.0.1', port: await freePort() },
        sides: [side('one', 10_000, one), side('two', 0, two)],
      });
      const [route, other] = [await routeOf(1), await routeOf(2)];
      const moved = { ...route, sides: [side('one', 0, one), side('two', 10_000, two)] };
      const traffic = edgeIn(directory, processes);
      await traffic.apply(route);
      await traffic.apply(other);
      await endEdge(processes);
      stranger.listen(route.listen);
      await once(stranger, 'listening');
      assert.match((await traffic.inspect(route.environment))!.notOpen!, /cannot be opened: .*EADDRINUSE/);
      assert.deepEqual((await traffic.routeOf(route.environment))!, route, 'it is not forgotten');
      assert.equal((await ask(other)).body.toString(), 'one', 'the others are served');
      await assert.rejects(traffic.apply(moved), { reason: addressTaken });
      await traffic.apply(other);
      const { routes, notOpen } = await readState(join(directory, 'edge'));
      // In the order in which they could be opened at the last start.
      const inOrder = routes.toSorted((left, right) => left.environment.localeCompare(right.environment));
      assert.deepEqual([inOrder, notOpen], [[moved, other], [route.environment]]);
      const upgraded = edgeIn(directory, processes, '2.0.0');
      assert.notEqual((await upgraded.inspect(route.environment))!.notOpen, undefined);
      assert.equal((await ask(other)).body.toString(), 'one');
      const { pid } = (await readRecord(join(directory, 'edge')))!;
      await new Promise((resolve) => stranger.close(resolve));
      await until(async () => (await ask(route)).body.toString() === 'two');
      assert.equal((await upgraded.inspect(route.environment))!.notOpen, undefined);
      // It serves first, and writes that down then.
      await until(async () => (await readState(join(directory, 'edge'))).notOpen?.length === 0);
      assert.equal((await readRecord(join(directory, 'edge')))!.pid, pid, 'it is the same process');
    } finally {
      stranger.close();
      for (const { close } of [one, two]) close();
    }
  });
});

describe('an edge that cannot write', { timeout: 60_000 }, () => {
  inPlaceOfItsOwn();

  /** A directory that stands where its routes are kept: whatever is written, it cannot be put there. */
  const obstacle = () => join(directory, 'edge', 'routes.json');

  test('leads requests as told, says that it could not keep it, and keeps it as soon as it can', async () => {
    const [one, two] = [await openBackend('one'), await openBackend('two')];
    const traffic = edgeIn(directory, processes);
    const routeOf = async (number: number): Promise<Route> => ({
      environment: idOf('env', number),
      by: 'edge',
      listen: { host: '127.0.0.1', port: await freePort() },
      sides: [side('one', 10_000, one), side('two', 0, two)],
    });
    const [route, left] = [await routeOf(1), await routeOf(2)];
    await traffic.apply(route);
    await traffic.apply(left);
    await rm(obstacle());
    await mkdir(obstacle());
    const moved = { ...route, sides: [side('one', 0, one), side('two', 10_000, two)] };
    const { port } = route.listen;
    await assert.rejects(traffic.apply(moved), {
      code: 'traffic/not-kept',
      message: new RegExp(`leads the requests to 127.0.0.1:${port} as told, but cannot keep that .*EISDIR`),
    });
    assert.equal((await ask(route)).body.toString(), 'two');
    assert.deepEqual((await traffic.inspect(route.environment))!.route, moved);
    await assert.rejects(traffic.remove(left.environment, 0), { code: 'traffic/not-kept', message: /has closed/ });
    assert.equal((await ask(left)).status, 0, 'nobody listens there any more');
    // Each try has a draft for a moment, and leaves none.
    await until(async () => !(await readdir(join(directory, 'edge'))).some((name) => name.startsWith('routes.json.')));
    await rm(obstacle(), { recursive: true });
    await until(async () => (await readState(join(directory, 'edge'))).routes.length > 0);
    assert.deepEqual((await readState(join(directory, 'edge'))).routes, [moved]);
    process.kill((await readRecord(join(directory, 'edge')))!.pid, 'SIGKILL');
    await until(async () => (await ask(route)).body.toString() === 'two');
    for (const { close } of [one, two]) close();
  });
});

/** What the workers of an edge counted before, while and after one succeeds the other is told once, and nothing of it is lost. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { Agent, request, type ClientRequest, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, afterEach, describe, test } from 'node:test';
import { createProcesses } from '../../../src/adapters/processes/processes.ts';
import { readRecord } from '../../../src/adapters/traffic/edge/state-file.ts';
import { between, type Sample } from '../../../src/domain/observation/sample.ts';
import type { Processes } from '../../../src/ports/processes.ts';
import type { Route, Traffic } from '../../../src/ports/traffic.ts';
import { edgeIn, endEdge } from '../../world/edge.ts';
import { idOf } from '../../make/facts.ts';
import { isAlive } from '../../../src/system/alive.ts';
import { ask, freePort, keepAliveLoad, openBackend, side, until, type Backend } from '../../world/traffic.ts';

describe('an edge that hands over', { timeout: 90_000 }, () => {
  let one: Backend;
  let directory: string;
  let processes: Processes;
  let route: Route;

  before(async () => {
    one = await openBackend('one');
  });
  after(() => one.close());
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'liftlock edge '));
    processes = createProcesses({ directory: join(directory, 'processes'), nodePath: process.execPath });
    const listen = { host: '127.0.0.1', port: await freePort() };
    route = { environment: idOf('env', 1), by: 'edge', listen, sides: [side('one', 10_000, one)] };
  });
  afterEach(async () => {
    await endEdge(processes);
    await rm(directory, { recursive: true, force: true, maxRetries: 5 });
  });

  const look = async (traffic: Traffic) => {
    const { counter, sides } = (await traffic.inspect(route.environment))!;
    const [{ counted, inFlight, tunnels }] = sides as [(typeof sides)[0]];
    return { counter, counted: counted['all']!, inFlight, tunnels };
  };
  const requestsAt = async (traffic: Traffic) => (await look(traffic)).counted.requests;
  const recordNow = async () => (await readRecord(join(directory, 'edge')))!;
  const filesLeft = async () => (await readdir(join(directory, 'edge'))).filter((name) => name.startsWith('handed-on'));

  /** A request that goes on until `end`. */
  const beginLong = async (): Promise<{ end(): Promise<void> }> => {
    const asked: ClientRequest = request({ ...route.listen, path: '/as-it-comes', method: 'POST', agent: false });
    asked.write('one');
    const [response] = (await once(asked, 'response')) as [IncomingMessage];
    return {
      async end() {
        asked.end('two');
        assert.equal(Buffer.concat(await response.toArray()).toString(), 'onetwo');
      },
    };
  };
  const askTimes = async (times: number) => {
    for (let count = 0; count < times; count++) assert.equal((await ask(route)).status, 200);
  };

  test('goes on with what was counted since the last look, and with what the one before it still ends', async () => {
    const first = edgeIn(directory, processes, '1.0.0');
    await first.apply(route);
    await askTimes(30);
    const long = await beginLong();
    const seen = await look(first);
    assert.deepEqual([seen.counted.requests, seen.inFlight], [30, 1]);
    await askTimes(20);
    const earlier = await recordNow();

    const second = edgeIn(directory, processes, '2.0.0');
    const atOnce = await look(second);
    assert.notEqual((await recordNow()).pid, earlier.pid);
    assert.deepEqual([atOnce.counter, atOnce.counted.requests, atOnce.inFlight], [seen.counter, 50, 1]);
    await askTimes(5);
    // Before the one that was first has ended, the second one is succeeded, too.
    const third = edgeIn(directory, processes, '3.0.0');
    const later = await look(third);
    assert.deepEqual([later.counter, later.counted.requests, later.inFlight], [seen.counter, 55, 1]);
    await long.end();
    await until(async () => (await look(third)).inFlight === 0);
    await askTimes(3);
    assert.equal(await requestsAt(third), 59);
    await until(
      async () => !isAlive(earlier.pid) && (await requestsAt(third)) === 59 && (await filesLeft()).length === 0,
    );
    assert.equal(await requestsAt(third), 59, 'what they left is remembered when their files are gone');
  });

  test('tells of an instance that left its route until what the one before it has under way there has ended', async () => {
    const [stays, leaves] = [await openBackend('stays'), await openBackend('leaves')];
    try {
      const routeOver = (...backends: readonly Backend[]): Route => ({
        ...route,
        sides: [{ name: 'one', weight: 10_000, instances: backends.map(({ instance }) => instance) }],
      });
      await edgeIn(directory, processes, '1.0.0').apply(routeOver(leaves));
      const [long, other] = [await beginLong(), await beginLong()];
      const second = edgeIn(directory, processes, '2.0.0');
      const busy = async () =>
        (await second.inspect(route.environment))!.sides[0]!.instances!.map(({ inFlight }) => inFlight);
      const leaving = async () =>
        (await second.inspect(route.environment))!.leaving!.map(({ port, inFlight }) => ({ port, inFlight }));
      await second.apply(routeOver(stays, leaves));
      assert.deepEqual([await busy(), await leaving()], [[0, 2], []]);
      await second.apply(routeOver(stays));
      assert.deepEqual([await busy(), await leaving()], [[0], [{ port: leaves.instance.port, inFlight: 2 }]]);
      await other.end();
      await until(async () => (await leaving())[0]!.inFlight === 1);
      // The next one hears of it from the one between them.
      const third = edgeIn(directory, processes, '3.0.0');
      const still = (await third.inspect(route.environment))!.leaving!;
      assert.deepEqual([still.length, still[0]!.inFlight], [1, 1]);
      await long.end();
      await until(async () => (await third.inspect(route.environment))!.leaving!.length === 0);
    } finally {
      for (const { close } of [stays, leaves]) close();
    }
  });

  test('leads requests on connections that were kept as it is told, too, as soon as it says that it does', async () => {
    const other = await openBackend('other');
    const agents = Array.from({ length: 5 }, () => new Agent({ keepAlive: true, maxSockets: 1 }));
    try {
      await edgeIn(directory, processes, '1.0.0').apply(route);
      for (const agent of agents) assert.equal((await ask(route, { agent })).body.toString(), 'one');
      const earlier = await recordNow();
      const second = edgeIn(directory, processes, '2.0.0');
      await second.apply({ ...route, sides: [side('one', 0, one), side('other', 10_000, other)] });
      assert.notEqual((await recordNow()).pid, earlier.pid);
      for (const agent of agents) {
        const { headers, body } = await ask(route, { agent });
        assert.deepEqual(
          [headers.connection, body.toString()],
          ['close', 'other'],
          'the process that goes has answered',
        );
      }
      await until(async () => !isAlive(earlier.pid));
      const { sides } = (await second.inspect(route.environment))!;
      assert.deepEqual(
        sides.map(({ name, counted }) => [name, counted['all']!.requests]),
        [
          ['one', 5],
          ['other', 5],
        ],
      );
    } finally {
      for (const agent of agents) agent.destroy();
      other.close();
    }
  });

  test('under load: each request is counted once, however often it is looked at and succeeded', async () => {
    let current = edgeIn(directory, processes, '1.0.0');
    await current.apply(route);
    const { counter, counted: begun } = await look(current);
    const load = keepAliveLoad(route, 4);
    let known: Sample = begun;
    let sum = 0;
    const lookOn = async () => {
      const { counter: named, counted } = await look(current);
      assert.equal(named, counter);
      assert.ok(counted.requests >= known.requests, `${counted.requests} after ${known.requests}`);
      sum += between(known, counted).requests;
      known = counted;
    };
    for (let version = 2; version <= 4; version++) {
      const enough = known.requests + 100;
      while (known.requests < enough) await lookOn();
      current = edgeIn(directory, processes, `${version}.0.0`);
      await lookOn();
    }
    const { answered, failed } = await load.end();
    assert.deepEqual(failed, []);
    await until(async () => {
      await lookOn();
      return sum >= answered;
    });
    assert.equal(sum, answered);
  });

  test('one that is killed is succeeded by nobody: counts begin anew, and nothing of an earlier farewell is added', async () => {
    const first = edgeIn(directory, processes, '1.0.0');
    await first.apply(route);
    await askTimes(10);
    const long = await beginLong();
    const second = edgeIn(directory, processes, '2.0.0');
    const seen = await look(second);
    assert.equal(seen.counted.requests, 10);
    const { pid } = await recordNow();
    process.kill(pid, 'SIGKILL');
    await until(async () => (await recordNow()).pid !== pid && (await ask(route)).status === 200);
    const anew = await look(second);
    assert.notEqual(anew.counter, seen.counter);
    assert.ok(anew.counted.requests < 10, `${anew.counted.requests}`);
    await long.end();
  });
});

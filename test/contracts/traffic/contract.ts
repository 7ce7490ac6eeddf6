/**
 * The contract of `Traffic`, for every adapter: each test says what of it is promised by all, and what only by those whose
 * abilities name it.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent, request, type IncomingMessage } from 'node:http';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { createClock } from '../../../src/adapters/clock/system.ts';
import { createProcesses } from '../../../src/adapters/processes/processes.ts';
import type { Leader } from '../../../src/adapters/traffic/choice.ts';
import type { EnvironmentId } from '../../../src/domain/base/id.ts';
import { total } from '../../../src/domain/observation/histogram.ts';
import { abilitiesOf, type TrafficKind } from '../../../src/domain/pipeline/traffic-spec.ts';
import type { Clock } from '../../../src/ports/clock.ts';
import type { Processes } from '../../../src/ports/processes.ts';
import { addressTaken, type Route, type Traffic } from '../../../src/ports/traffic.ts';
import { idOf } from '../../make/facts.ts';
import { eventually } from '../../world/make.ts';
import { ask, freePort, keepAliveLoad, openBackend, side, until, type Backend } from '../../world/traffic.ts';

export interface Subject {
  readonly by: TrafficKind;
  /** What is not installed, in a sentence; its tests are skipped then. */
  readonly missing?: string | undefined;
  open(parts: { processes: Processes; clock: Clock; directory: string }): Leader;
  /** Kills the process that serves, without a word. */
  kill(parts: { processes: Processes; directory: string }): Promise<void>;
}

export function holdsTheContract({ by, missing, open, kill }: Subject): void {
  const can = abilitiesOf(by);
  const only = (ability: keyof typeof can) => ({ skip: can[ability] ? false : `${by} does not promise it` });
  describe(`traffic by ${by}`, { timeout: 120_000, skip: missing ?? false }, () => {
    let directory: string;
    let traffic: Traffic;
    const backends: Backend[] = [];
    let environments = 0;

    const processesOf = () => createProcesses({ directory: join(directory, 'processes'), nodePath: process.execPath });
    const backend = async (name: string): Promise<Backend> => {
      const made = await openBackend(name);
      backends.push(made);
      return made;
    };
    const routeTo = async (sides: Route['sides'], more: Partial<Route> = {}): Promise<Route> => {
      environments += 1;
      return {
        environment: idOf('env', environments) as EnvironmentId,
        by,
        listen: { host: '127.0.0.1', port: await freePort() },
        sides,
        ...more,
      };
    };

    before(async () => {
      directory = await mkdtemp(join(tmpdir(), 'liftlock traffic '));
      traffic = open({ processes: processesOf(), clock: createClock(), directory: join(directory, by) });
    });
    after(async () => {
      const processes = processesOf();
      for (const { key } of await processes.list(`${by}/`)) await processes.stop(key, 2_000);
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
      if (can.connectionOptions) assert.equal(headers['x-mine'], undefined, 'what Connection names ends here');
      assert.deepEqual(answer.headers['set-cookie'], ['a=1', 'b=2']);
    });

    test('what a proxy on this machine tells of its client is passed on, and what anybody else claims is not', async () => {
      const one = await backend('one');
      const route = await routeTo([side('one', 10_000, one)]);
      await traffic.apply({ ...route, listen: { ...route.listen, host: '0.0.0.0' } });
      const headers = { 'X-Forwarded-Proto': 'https', 'X-Forwarded-Host': 'shop.example.org', Host: 'inside' };
      const seenFrom = async (host: string) => {
        await ask({ listen: { ...route.listen, host } }, { headers });
        return ['proto', 'host'].map((what) => one.seen.at(-1)!.headers[`x-forwarded-${what}`]);
      };
      await ask(route, { headers: { 'X-Forwarded-For': '203.0.113.9' } });
      assert.equal(one.seen.at(-1)!.headers['x-forwarded-for'], '203.0.113.9, 127.0.0.1');
      assert.deepEqual(await seenFrom('127.0.0.1'), ['https', 'shop.example.org']);
      const [outside] = Object.values(networkInterfaces()).flatMap((all) =>
        (all ?? []).filter(({ internal, family }) => !internal && family === 'IPv4'),
      );
      if (outside !== undefined) assert.deepEqual(await seenFrom(outside.address), ['http', 'inside']);
    });

    test(
      'an answer that begins before its request has ended is handed on, and so is the rest of both',
      only('duplex'),
      async () => {
        const one = await backend('one');
        const route = await routeTo([side('one', 10_000, one)]);
        await traffic.apply(route);
        const asked = request({ ...route.listen, method: 'POST', path: '/as-it-comes', agent: false });
        asked.write('first');
        const [answer] = (await once(asked, 'response')) as [IncomingMessage];
        const pieces = answer.setEncoding('utf8')[Symbol.asyncIterator]();
        assert.equal((await pieces.next()).value, 'first');
        asked.end('second');
        assert.equal((await pieces.next()).value, 'second');
        assert.equal((await pieces.next()).done, true);
      },
    );

    test('weights are exact over a hundred requests, and what was counted adds up', only('exact'), async () => {
      const [stable, fresh] = [await backend('stable'), await backend('fresh')];
      for (const percent of [1, 5, 10, 25, 50]) {
        const route = await routeTo([
          side('stable', 10_000 - percent * 100, stable),
          side('fresh', percent * 100, fresh),
        ]);
        await traffic.apply(route);
        const answers = await Promise.all(Array.from({ length: 200 }, () => ask(route)));
        assert.equal(answers.filter(({ body }) => body.toString() === 'fresh').length, percent * 2);
        await eventually(async () => {
          const state = await traffic.inspect(route.environment);
          assert.deepEqual(
            state!.sides.map(({ name, counted }) => [name, counted['all']?.requests, counted['all']?.failures]),
            [
              ['stable', 200 - percent * 2, 0],
              ['fresh', percent * 2, 0],
            ],
          );
        });
      }
    });

    test(
      'requests are counted apart by what they ask for, and what was counted before stays counted',
      only('classes'),
      async () => {
        const one = await backend('one');
        const route = await routeTo([side('one', 10_000, one)]);
        await traffic.apply(route);
        await ask(route, { path: '/api/orders' });
        const classes = [
          { name: 'orders', match: ['GET /api/orders/*', 'POST /api/orders'] },
          { name: 'api', match: ['* /api/**'] },
        ];
        await traffic.apply({ ...route, classes });
        const paths = ['/api/orders/1?x=1', '/api/orders/2', '/api', '/', '/api/orders/1/lines'];
        for (const path of paths) await ask(route, { path });
        await ask(route, { method: 'POST', path: '/api/orders', body: Buffer.from('x') });
        await until(async () => {
          const [counted] = (await traffic.inspect(route.environment))!.sides.map((seen) => seen.counted);
          const requests = Object.entries(counted!).map(([name, sample]) => [
            name,
            sample.requests,
            total(sample.latency),
          ]);
          assert.deepEqual(requests.toSorted(), [
            ['all', 1, 1],
            ['api', 2, 2],
            ['orders', 3, 3],
            ['other', 1, 1],
          ]);
          return true;
        });
      },
    );

    test('shares of requests are as told, and what was counted adds up', async () => {
      const [stable, fresh] = [await backend('stable'), await backend('fresh')];
      const route = await routeTo([side('stable', 7_500, stable), side('fresh', 2_500, fresh)]);
      await traffic.apply(route);
      const agent = new Agent({ keepAlive: true, maxSockets: 8 });
      const answers = await Promise.all(Array.from({ length: 2_000 }, () => ask(route, { agent })));
      agent.destroy();
      const ofFresh = answers.filter(({ body }) => body.toString() === 'fresh').length;
      // Five standard deviations of what chance alone would do.
      assert.ok(Math.abs(ofFresh - 500) < 97, `${ofFresh} of 2,000`);
      if (!can.counts) return;
      await until(async () => {
        const { sides } = (await traffic.inspect(route.environment))!;
        const counted = sides.map(({ counted: { all } }) => [all?.requests, all?.failures]);
        assert.deepEqual(counted, [
          [2_000 - ofFresh, 0],
          [ofFresh, 0],
        ]);
        if (!can.latency) return true;
        return sides.every(({ counted: { all } }) => total(all!.latency) === all!.requests);
      });
    });

    test('a client that gives up is no failure of the release, and counts with its time', only('latency'), async () => {
      const one = await backend('one');
      const route = await routeTo([side('one', 10_000, one)]);
      await traffic.apply(route);
      const asked = request({ ...route.listen, path: '/never', agent: false });
      asked.on('error', () => undefined).end();
      await until(async () => one.seen.length === 1);
      asked.destroy();
      await eventually(async () => {
        const { requests, failures, latency } = (await traffic.inspect(route.environment))!.sides[0]!.counted['all']!;
        assert.deepEqual([requests, failures, total(latency)], [1, 0, 1]);
      });
    });

    test('client errors are no failures, and are counted apart', only('counts'), async () => {
      const one = await backend('one');
      const route = await routeTo([side('one', 10_000, one)]);
      await traffic.apply(route);
      const asked = await Promise.all(['/', '/missing', '/missing', '/'].map((path) => ask(route, { path })));
      assert.deepEqual(
        asked.map(({ status }) => status),
        [200, 404, 404, 200],
      );
      await eventually(async () => {
        const { requests, failures, clientErrors } = (await traffic.inspect(route.environment))!.sides[0]!.counted[
          'all'
        ]!;
        assert.deepEqual([requests, failures, clientErrors], [4, 0, 2]);
      });
    });

    test('an answer that ends half-way is a failure of its own kind', only('brokenOff'), async () => {
      const one = await backend('one');
      const route = await routeTo([side('one', 10_000, one)]);
      await traffic.apply(route);
      const { host, port } = route.listen;
      await assert.rejects(async () => (await fetch(`http://${host}:${port}/half`)).text());
      await eventually(async () => {
        const { requests, failures, brokenOff } = (await traffic.inspect(route.environment))!.sides[0]!.counted['all']!;
        assert.deepEqual([requests, failures, brokenOff], [1, 1, 1]);
      });
    });

    test('a client that leaves in the middle of an answer is no failure of the release', only('latency'), async () => {
      const one = await backend('one');
      const route = await routeTo([side('one', 10_000, one)]);
      await traffic.apply(route);
      const asked = request({ ...route.listen, path: '/begun', agent: false }).end();
      const [answer] = (await once(asked, 'response')) as [IncomingMessage];
      answer.on('error', () => undefined);
      await once(answer, 'data');
      asked.destroy();
      await eventually(async () => {
        const { requests, failures } = (await traffic.inspect(route.environment))!.sides[0]!.counted['all']!;
        assert.deepEqual([requests, failures], [1, 0]);
      });
    });

    test('no answer and an answer of 5xx are told apart', only('unanswered'), async () => {
      const one = await backend('one');
      const route = await routeTo([side('one', 10_000, one)]);
      await traffic.apply(route);
      one.fail();
      assert.equal((await ask(route)).status, 500);
      one.close();
      assert.equal((await ask(route)).status, 502);
      await eventually(async () => {
        const { failures, unanswered, brokenOff } = (await traffic.inspect(route.environment))!.sides[0]!.counted[
          'all'
        ]!;
        assert.deepEqual([failures, unanswered, brokenOff], [2, 1, 0]);
      });
    });

    test('a user who is known by a header stays on his side while the weight grows', only('stickyHeader'), async () => {
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
    });

    test('a user stays by a cookie of ours, and one that is not ours names nobody', only('stickyCookie'), async () => {
      const [stable, fresh] = [await backend('stable'), await backend('fresh')];
      const route = await routeTo([side('stable', 5_000, stable), side('fresh', 5_000, fresh)], {
        sticky: { salt: 'one' },
      });
      await traffic.apply(route);
      const [cookie] = (await ask(route)).headers['set-cookie']!.filter((text) => text.startsWith('liftlock-user='));
      const sent = cookie!.split(';')[0]!;
      const sideOf = async (value: string) => (await ask(route, { headers: { Cookie: value } })).body.toString();
      const first = await sideOf(sent);
      for (let again = 0; again < 5; again++) assert.equal(await sideOf(sent), first);
      const forged = (await ask(route, { headers: { Cookie: 'liftlock-user=chosen.AAAAAAAAAAAAAAAAAAAAAA' } })).headers[
        'set-cookie'
      ];
      assert.ok(forged!.some((text) => text.startsWith('liftlock-user=')));
    });

    test('a group of users is led by header or cookie, whatever the weights say', only('groups'), async () => {
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

    test('switching back and forth under keep-alive load, with the old instance killed after it drained, fails no request', async (t) => {
      const first = await backend('v0');
      const route = await routeTo([side('v0', 10_000, first)]);
      await traffic.apply(route);
      const load = keepAliveLoad(route, 16);
      let stable = first;
      const rounds = can.seamless ? 10 : 4;
      for (let round = 1; round <= rounds; round++) {
        const next = await backend(`v${round}`);
        await traffic.apply({ ...route, sides: [side(stable.name, 0, stable), side(next.name, 10_000, next)] });
        await until(
          async () =>
            (await traffic.inspect(route.environment))!.sides.find(({ name }) => name === stable.name)!.inFlight === 0,
        );
        stable.close();
        stable = next;
        const soFar = load.answered();
        await until(async () => load.answered() > soFar + 20);
      }
      const { answered, failed } = await load.end();
      if (can.seamless) return assert.deepEqual(failed, []);
      t.diagnostic(`${failed.length} of ${answered} requests failed`);
      // A connection that was idle or not yet taken when sides changed; none twice, and none that a release was asked.
      assert.ok(failed.length < rounds * 16, `${failed.length} of ${answered}`);
      assert.ok(
        failed.every((what) => what.startsWith('0 ')),
        failed.join(', '),
      );
    });

    test(
      'held requests wait until a side serves again, are refused when too many wait, and give up in time',
      only('hold'),
      async () => {
        const one = await backend('one');
        const route = await routeTo([side('one', 10_000, one)]);
        await traffic.apply({ ...route, hold: { mostMs: 20_000, mostRequests: 2 } });
        // Which of them come first is nobody's to say.
        const asked = [ask(route), ask(route), ask(route)];
        assert.equal((await Promise.race(asked)).status, 503);
        await traffic.apply(route);
        assert.deepEqual((await Promise.all(asked)).map(({ status }) => status).toSorted(), [200, 200, 503]);
        await traffic.apply({ ...route, hold: { mostMs: 50, mostRequests: 2 } });
        assert.equal((await ask(route)).status, 503);
      },
    );

    test('a shadow gets copies of safe requests, and its failures are nobody’s', only('shadow'), async () => {
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

    test('the route is told as it was last applied, without asking what was counted', async () => {
      const [stable, fresh] = [await backend('stable'), await backend('fresh')];
      const route = await routeTo([side('stable', 10_000, stable), side('fresh', 0, fresh)]);
      assert.equal(await traffic.routeOf(route.environment), undefined);
      await traffic.apply(route);
      const back = { ...route, sides: [side('stable', 0, stable), side('fresh', 10_000, fresh)] };
      for (const wish of [back, route, back]) {
        await traffic.apply(wish);
        assert.deepEqual(await traffic.routeOf(route.environment), wish);
        const drained = wish.sides.find(({ weight }) => weight === 0)!.name;
        const { sides } = (await traffic.inspect(route.environment))!;
        assert.deepEqual(
          sides.filter(({ drainingSince }) => drainingSince !== undefined).map(({ name }) => name),
          [drained],
        );
        for (let asked = 0; asked < 5; asked++) assert.notEqual((await ask(route)).body.toString(), drained);
      }
      await traffic.remove(route.environment, 0);
      assert.equal(await traffic.routeOf(route.environment), undefined);
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
      assert.match(`${none.status} ${none.body.toString()}`, /^50[23] no instance of this release can be reached\n$/);
      if (!can.counts) return;
      await eventually(async () => {
        const { sides } = (await traffic.inspect(route.environment))!;
        assert.equal(sides[0]!.counted['all']!.failures, 1);
      });
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
      assert.ok(
        chunked.status === 413 || chunked.status === 411,
        `${chunked.status}: asks for its length, or refuses it`,
      );
    });

    test('an instance that does not begin to answer in time is a failure, told as 504; other limits hold from the next request on', async () => {
      const one = await backend('one');
      const route = await routeTo([side('one', 10_000, one)]);
      await traffic.apply(route);
      assert.equal((await ask(route)).status, 200);
      await traffic.apply({ ...route, limits: { answerMs: 300 } });
      const late = await ask(route, { path: '/never' });
      assert.deepEqual([late.status, late.body.toString()], [504, 'the release did not answer in time\n']);
      await traffic.apply({ ...route, limits: { bodyBytes: 1_000 } });
      assert.equal((await ask(route, { method: 'POST', path: '/echo', body: Buffer.alloc(1_001) })).status, 413);
      await traffic.apply(route);
      assert.equal((await ask(route, { method: 'POST', path: '/echo', body: Buffer.alloc(1_001) })).status, 200);
      if (!can.counts) return;
      await eventually(async () => {
        const { sides } = (await traffic.inspect(route.environment))!;
        assert.equal(sides[0]!.counted['all']!.failures, 1);
      });
    });

    test('WebSockets go through, hold their side back from being retired, and end when their address closes', async () => {
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
      await eventually(async () => {
        const [state] = (await traffic.inspect(route.environment))!.sides;
        assert.equal(state!.inFlight + state!.tunnels, 1);
        assert.equal(state!.tunnels, can.tunnels ? 1 : 0);
      });
      const closed = new Promise<number>((resolve) =>
        socket.addEventListener('close', ({ code }) => resolve(code), { once: true }),
      );
      await traffic.remove(route.environment, 100);
      const code = await closed;
      if (can.tunnels) assert.equal(code, 1012);
      assert.equal(await traffic.inspect(route.environment), undefined);
      assert.equal((await ask(route)).status, 0, 'nobody listens there any more');
    });

    test('an address that somebody else has is refused by name', async () => {
      const one = await backend('one');
      const taken = await backend('taken');
      const route = {
        ...(await routeTo([side('one', 10_000, one)])),
        listen: { host: '127.0.0.1', port: taken.instance.port },
      };
      await assert.rejects(traffic.apply(route), { code: 'traffic/refused', reason: addressTaken });
    });

    test('an address that somebody took while it was away is opened again once it is free, and others are served meanwhile', async () => {
      const one = await backend('one');
      const [lost, other] = [await routeTo([side('one', 10_000, one)]), await routeTo([side('one', 10_000, one)])];
      await traffic.apply(lost);
      await traffic.apply(other);
      const processes = processesOf();
      for (const { key } of await processes.list(`${by}/`)) await processes.stop(key, 2_000);
      const stranger = createServer((socket) => socket.destroy());
      try {
        await once(stranger.listen(lost.listen), 'listening');
        await traffic.inspect(other.environment);
        await until(async () => (await ask(other)).body.toString() === 'one');
        assert.match((await traffic.inspect(lost.environment))!.notOpen!, /cannot be opened/);
        await assert.rejects(traffic.apply(lost), { reason: addressTaken });
      } finally {
        stranger.close();
      }
      await until(async () => {
        // Whoever looks opens it, where the program does not by itself.
        await traffic.inspect(lost.environment);
        return (await ask(lost)).body.toString() === 'one';
      });
      assert.equal((await traffic.inspect(lost.environment))!.notOpen, undefined);
    });

    test('what serves is started again with its last weights when it is killed', async () => {
      const [one, two] = [await backend('one'), await backend('two')];
      const route = await routeTo([side('one', 10_000, one), side('two', 0, two)]);
      await traffic.apply(route);
      await traffic.apply({ ...route, sides: [side('one', 0, one), side('two', 10_000, two)] });
      await kill({ processes: processesOf(), directory: join(directory, by) });
      await until(async () => (await ask(route)).body.toString() === 'two');
      assert.deepEqual((await traffic.inspect(route.environment))!.route.sides, [
        side('one', 0, one),
        side('two', 10_000, two),
      ]);
    });
  });
}

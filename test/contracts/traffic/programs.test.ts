/** What nginx and Caddy promise beside the contract of `Traffic`: nothing of what they counted or were told is lost, nothing is taken for an order. */
import assert from 'node:assert/strict';
import { Agent } from 'node:http';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { appendFile, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { createClock } from '../../../src/adapters/clock/system.ts';
import { createProcesses } from '../../../src/adapters/processes/processes.ts';
import { createCaddyTraffic } from '../../../src/adapters/traffic/caddy/caddy-traffic.ts';
import { createNginxTraffic } from '../../../src/adapters/traffic/nginx/nginx-traffic.ts';
import type { ProgramParts } from '../../../src/adapters/traffic/program/running.ts';
import { requireProgram } from '../../../src/adapters/traffic/program/program.ts';
import type { Processes } from '../../../src/ports/processes.ts';
import type { Route, RouteState, Traffic } from '../../../src/ports/traffic.ts';
import { idOf } from '../../make/facts.ts';
import { eventually } from '../../world/make.ts';
import { missingProgram, searchPath } from '../../world/traffic-programs.ts';
import { ask, freePort, keepAliveLoad, openBackend, side, until, type Backend } from '../../world/traffic.ts';

const adapters = { nginx: createNginxTraffic, caddy: createCaddyTraffic } as const;

for (const by of ['nginx', 'caddy'] as const)
  describe(`${by}, run by Liftlock`, { timeout: 120_000, skip: missingProgram(by) ?? false }, () => {
    let directory: string;
    let processes: Processes;
    let traffic: Traffic;
    let environments = 0;
    const backends: Backend[] = [];
    const open = (version: string, more: Partial<ProgramParts> = {}): Traffic =>
      adapters[by]({
        processes,
        clock: createClock(),
        directory: join(directory, by),
        searchPath,
        nodePath: process.execPath,
        version,
        ...more,
      });
    const backend = async (name: string): Promise<Backend> => {
      const made = await openBackend(name);
      backends.push(made);
      return made;
    };
    const routeTo = async (sides: Route['sides'], more: Partial<Route> = {}): Promise<Route> => {
      environments += 1;
      const port = await freePort();
      return { environment: idOf('env', environments), by, listen: { host: '127.0.0.1', port }, sides, ...more };
    };
    const requests = ({ sides }: RouteState) => sides.map(({ counted }) => counted['all']!.requests);
    const pidsOf = async (prefix: string) =>
      (await processes.list(prefix)).flatMap(({ state }) => (state.state === 'running' ? [state.pid] : []));

    before(async () => {
      directory = await mkdtemp(join(tmpdir(), `liftlock ${by} `));
      processes = createProcesses({ directory: join(directory, 'processes'), nodePath: process.execPath });
      traffic = open('1.0.0');
    });
    after(async () => {
      for (const { key } of await processes.list(`${by}/`)) await processes.stop(key, 2_000);
      for (const { close } of backends) close();
      await rm(directory, { recursive: true, force: true, maxRetries: 5 });
    });

    test('what users send is compared, never read as an order', async () => {
      const [one, two] = [await backend('one'), await backend('two')];
      const values = ['"; } evil {', '$host', '{env.HOME}', '{http.request.host}', '\\Q.*\\E', '~^.*$', 'a|b', '(?i)x'];
      const route = await routeTo([side('one', 10_000, one), side('two', 0, two)], {
        groups: [
          ...values.map((value) => ({ side: 'two', by: 'header', name: 'X-Beta', value }) as const),
          { side: 'two', by: 'cookie', name: 'a.b|c', value: '.*' },
        ],
      });
      await traffic.apply(route);
      const answerTo = async (headers: Record<string, string>) => (await ask(route, { headers })).body.toString();
      for (const value of values) assert.equal(await answerTo({ 'X-Beta': value }), 'two', value);
      for (const value of ['x', 'a', '127.0.0.1', process.env['HOME'] ?? '/', '"', 'anything'])
        assert.equal(await answerTo({ 'X-Beta': value }), 'one', value);
      assert.equal(await answerTo({ Cookie: 'a.b|c=.*' }), 'two');
      assert.equal(await answerTo({ Cookie: 'a.b|c=x; c=.*; axb=.*' }), 'one');
      await assert.rejects(traffic.apply({ ...route, groups: [{ side: 'two', by: 'header', name: 'X\nY' }] }), {
        code: 'traffic/refused',
      });
    });

    test('the way back from groups and from users who stay loads nothing, and outlives the server', async () => {
      const [stable, fresh] = [await backend('stable'), await backend('fresh')];
      const back = await routeTo([side('stable', 10_000, stable), side('fresh', 0, fresh)]);
      const groups = [
        { side: 'fresh', by: 'header', name: 'X-Beta' },
        { side: 'fresh', by: 'cookie', name: 'early' },
      ] as const;
      const step = {
        ...back,
        sides: [side('stable', 9_999, stable), side('fresh', 1, fresh)],
        groups,
        sticky: { salt: '' },
      };
      await traffic.apply(step);
      const load = keepAliveLoad(back, 4);
      const led = async () => {
        const byHeader = await ask(back, { headers: { 'X-Beta': '1' } });
        const byCookie = await ask(back, { headers: { Cookie: 'early=1' } });
        const cookies = (byHeader.headers['set-cookie'] ?? []).filter((text) => text.startsWith('liftlock-user='));
        return [byHeader.body.toString(), byCookie.body.toString(), cookies.length];
      };
      assert.deepEqual(await led(), ['fresh', 'fresh', 1]);
      const file = join(directory, by, back.environment, by === 'nginx' ? 'nginx.conf' : 'caddy.json');
      const { mtimeMs } = await stat(file);
      await traffic.apply(back);
      assert.deepEqual(await led(), ['stable', 'stable', 0]);
      assert.deepEqual(await traffic.routeOf(back.environment), back);
      await traffic.apply({ ...back, groups: [groups[1]] });
      assert.deepEqual(await led(), ['stable', 'fresh', 0]);
      await traffic.apply(step);
      assert.deepEqual(await led(), ['fresh', 'fresh', 1]);
      await traffic.apply(back);
      assert.deepEqual((await load.end()).failed, [], 'nothing was loaded, so nothing failed');
      assert.equal((await stat(file)).mtimeMs, mtimeMs);
      for (const pid of await pidsOf(`${by}/${back.environment}/`)) process.kill(pid, 'SIGKILL');
      await eventually(async () => assert.deepEqual(await led(), ['stable', 'stable', 0]));
      // Other groups are more than the server was set up for.
      await traffic.apply({ ...back, groups: [groups[1], groups[0]] });
      await eventually(async () => assert.deepEqual(await led(), ['fresh', 'fresh', 0]));
    });

    test('the next release is led to the groups and the users of the one before without another load', async () => {
      const [stable, fresh, next] = [await backend('stable'), await backend('fresh'), await backend('next')];
      const alone = await routeTo([side('stable', 10_000, stable)]);
      const beside = (name: string, weight: number, one: Backend): Route => ({
        ...alone,
        sides: [side('stable', 10_000 - weight, stable), side(name, weight, one)],
      });
      const stepOf = (name: string, one: Backend): Route => ({
        ...beside(name, 5_000, one),
        groups: [
          { side: name, by: 'header', name: 'X-Beta', value: 'yes' },
          { side: name, by: 'cookie', name: 'early' },
        ],
        sticky: { salt: name },
      });
      for (const route of [alone, beside('fresh', 0, fresh), stepOf('fresh', fresh), alone]) await traffic.apply(route);
      await traffic.apply(beside('next', 0, next));
      const led = async () => {
        const answers = await Promise.all([
          ask(alone, { headers: { 'X-Beta': 'yes' } }),
          ask(alone, { headers: { Cookie: 'early=1' } }),
        ]);
        const cookies = answers[0]!.headers['set-cookie']?.filter((text) => text.startsWith('liftlock-user=')) ?? [];
        return [...answers.map(({ body }) => body.toString()), cookies.length];
      };
      assert.deepEqual(await led(), ['stable', 'stable', 0]);
      const file = join(directory, by, alone.environment, by === 'nginx' ? 'nginx.conf' : 'caddy.json');
      const { mtimeMs } = await stat(file);
      const load = keepAliveLoad(alone, 4);
      await traffic.apply(stepOf('next', next));
      assert.deepEqual(await led(), ['next', 'next', 1]);
      await traffic.apply({ ...stepOf('next', next), groups: [{ side: 'stable', by: 'cookie', name: 'early' }] });
      assert.equal((await led())[1], 'stable');
      await traffic.apply(beside('next', 0, next));
      assert.deepEqual(await led(), ['stable', 'stable', 0]);
      assert.deepEqual((await load.end()).failed, []);
      assert.equal((await stat(file)).mtimeMs, mtimeMs, 'nothing was loaded');
    });

    test('counts go on over the death of the server, of the one that counts, and of the control plane', async () => {
      const [one, two] = [await backend('one'), await backend('two')];
      const route = await routeTo([side('one', 10_000, one), side('two', 0, two)]);
      await traffic.apply(route);
      for (let index = 0; index < 20; index++) assert.equal((await ask(route)).status, 200);
      await eventually(async () => assert.deepEqual(requests((await traffic.inspect(route.environment))!), [20, 0]));
      const first = (await traffic.inspect(route.environment))!;
      for (const pid of [...(await pidsOf(`${by}/${route.environment}/`)), ...(await pidsOf(`${by}/counter/`))])
        process.kill(pid, 'SIGKILL');
      const other = open('1.0.1');
      await until(async () => (await ask(route)).status === 200);
      await other.apply({ ...route, sides: [side('one', 0, one), side('two', 10_000, two)] });
      for (let index = 0; index < 20; index++) assert.equal((await ask(route)).body.toString(), 'two');
      await eventually(async () => assert.equal(requests((await other.inspect(route.environment))!)[1], 20));
      const second = (await other.inspect(route.environment))!;
      assert.equal(second.counter, first.counter);
      const [ofOne] = requests(second);
      assert.ok(ofOne! >= 21 && ofOne! <= 30, `${ofOne}: the 20 of before and those that waited for the new server`);
    });

    const renamesItself = by === 'caddy' && 'Caddy renames its logs by itself, after 16 MiB that it wrote';
    test('a log that has grown is renamed, and every line of it counts', { skip: renamesItself }, async () => {
      const one = await backend('one');
      const route = await routeTo([side('one', 10_000, one)]);
      await traffic.apply(route);
      const home = join(directory, by, route.environment);
      const agent = new Agent({ keepAlive: true, maxSockets: 4 });
      await Promise.all(Array.from({ length: 40 }, () => ask(route, { agent })));
      const line = (await readFile(join(home, 'access.log'), 'utf8')).split('\n')[0]!;
      const many = Math.ceil((16 * 2 ** 20) / (line.length + 1));
      await appendFile(join(home, 'access.log'), `${line}\n`.repeat(many));
      const names = () => readdir(home).then((all) => all.filter((name) => name.startsWith('access')));
      await until(async () => {
        await ask(route, { agent });
        return (await names()).length > 1;
      });
      const asked = one.seen.length;
      await Promise.all(Array.from({ length: 40 }, () => ask(route, { agent })));
      agent.destroy();
      await until(async () => {
        assert.deepEqual(requests((await traffic.inspect(route.environment))!), [many + asked + 40]);
        return true;
      });
    });

    test('who has an address already is named', async () => {
      const one = await backend('one');
      const route = await routeTo([side('one', 10_000, one)], {
        listen: { host: '127.0.0.1', port: one.instance.port },
      });
      await assert.rejects(traffic.apply(route), {
        code: 'traffic/refused',
        message: new RegExp(`EADDRINUSE: process ${process.pid} \\(`),
      });
    });

    test('an address that cannot be had leaves the one that is there as it is', async () => {
      const [one, two] = [await backend('one'), await backend('two')];
      const route = await routeTo([side('one', 10_000, one)]);
      await traffic.apply(route);
      const elsewhere = { ...route, listen: { host: '127.0.0.1', port: two.instance.port } };
      await assert.rejects(traffic.apply(elsewhere), { code: 'traffic/refused' });
      assert.equal((await ask(route)).body.toString(), 'one');
      assert.deepEqual((await traffic.inspect(route.environment))!.route, route);
    });

    test('what could not be tidied up at first keeps no later change from being made', async () => {
      const one = await backend('one');
      const route = await routeTo([side('one', 10_000, one)]);
      const blocked = join(directory, 'blocked');
      const later = createProcesses({ directory: blocked, nodePath: process.execPath });
      const other = open('1.0.0', { processes: later, directory: join(directory, `other ${by}`) });
      // Processes are kept in a directory: where a file stands they cannot be listed.
      await writeFile(blocked, '');
      await assert.rejects(other.apply(route), { code: 'ENOTDIR' });
      await rm(blocked);
      try {
        await other.apply(route);
        assert.equal((await ask(route)).body.toString(), 'one');
      } finally {
        for (const { key } of await later.list(`${by}/`)) await later.stop(key, 2_000);
      }
    });

    test('an address may move, and nobody listens at the old one', async () => {
      const one = await backend('one');
      const route = await routeTo([side('one', 10_000, one)]);
      await traffic.apply(route);
      const moved = { ...route, listen: { host: '127.0.0.1', port: await freePort() } };
      await traffic.apply(moved);
      assert.equal((await ask(moved)).body.toString(), 'one');
      assert.equal((await ask(route)).status, 0);
    });
  });

test('what is not installed says what to install', () => {
  assert.throws(() => requireProgram({ name: 'caddy', debianPackage: 'caddy' }, '/nowhere'), {
    code: 'traffic/refused',
    hint: /apt-get install caddy/,
  });
});

describe('nginx with several instances', { timeout: 60_000, skip: missingProgram('nginx') ?? false }, () => {
  test('asks another one what is safe to repeat when one hangs', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'liftlock nginx '));
    const processes = createProcesses({ directory: join(directory, 'processes'), nodePath: process.execPath });
    const traffic = createNginxTraffic({
      processes,
      clock: createClock(),
      directory: join(directory, 'nginx'),
      searchPath,
      nodePath: process.execPath,
      version: '1.0.0',
    });
    const hangs = createServer({ pauseOnConnect: true });
    await new Promise<void>((resolve) => hangs.listen(0, '127.0.0.1', resolve));
    const held = new Set<Socket>();
    hangs.on('connection', (socket) => held.add(socket));
    const one = await openBackend('one');
    const instances = [{ host: '127.0.0.1', port: (hangs.address() as AddressInfo).port }, one.instance];
    const route: Route = {
      environment: idOf('env', 1),
      by: 'nginx',
      listen: { host: '127.0.0.1', port: await freePort() },
      sides: [{ name: 'both', weight: 10_000, instances }],
      limits: { answerMs: 500 },
    };
    try {
      await traffic.apply(route);
      const answers = await Promise.all(Array.from({ length: 10 }, () => ask(route)));
      assert.ok(held.size > 0, 'it had its turn');
      assert.deepEqual([...new Set(answers.map(({ status, body }) => `${status} ${body.toString()}`))], ['200 one']);
      assert.equal((await traffic.inspect(route.environment))!.sides[0]!.counted['all']!.failures, 0);
    } finally {
      for (const { key } of await processes.list('nginx/')) await processes.stop(key, 2_000);
      for (const socket of held) socket.destroy();
      hangs.close();
      one.close();
      await rm(directory, { recursive: true, force: true, maxRetries: 5 });
    }
  });
});

describe('caddy with several instances', { timeout: 60_000, skip: missingProgram('caddy') ?? false }, () => {
  test('asks them whether they are well, and leads nobody to one that is not', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'liftlock caddy '));
    const processes = createProcesses({ directory: join(directory, 'processes'), nodePath: process.execPath });
    const traffic = createCaddyTraffic({
      processes,
      clock: createClock(),
      directory: join(directory, 'caddy'),
      searchPath,
      nodePath: process.execPath,
      version: '1.0.0',
    });
    const [one, two] = [await openBackend('one'), await openBackend('two')];
    const instances = [one.instance, two.instance];
    const health = { path: '/well', timeoutMs: 1_000 };
    const route: Route = {
      environment: idOf('env', 1),
      by: 'caddy',
      listen: { host: '127.0.0.1', port: await freePort() },
      sides: [{ name: 'both', weight: 10_000, instances, health }],
    };
    try {
      await traffic.apply(route);
      one.fail();
      await until(async () => {
        const answers = await Promise.all(Array.from({ length: 10 }, () => ask(route)));
        return answers.every(({ status, body }) => status === 200 && body.toString() === 'two');
      });
      assert.ok(one.seen.some(({ url }) => url === '/well'));
    } finally {
      for (const { key } of await processes.list('caddy/')) await processes.stop(key, 2_000);
      one.close();
      two.close();
      await rm(directory, { recursive: true, force: true, maxRetries: 5 });
    }
  });
});

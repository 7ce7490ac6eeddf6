/** Several instances behind HAProxy, asked whether they are well: one that is not gets nothing new, one that hangs loses what it has. */
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { createClock } from '../../../src/adapters/clock/system.ts';
import { createProcesses } from '../../../src/adapters/processes/processes.ts';
import type { Processes } from '../../../src/ports/processes.ts';
import type { Instance, Route, Side, Traffic } from '../../../src/ports/traffic.ts';
import { haproxyIn, haproxyMissing, workersOf } from '../../world/haproxy.ts';
import { idOf } from '../../make/facts.ts';
import { ask, freePort, until } from '../../world/traffic.ts';

/** SIGUSR2: it is not well, or well again. `/slow` is answered when somebody asks for `/release`. */
const program = `
let well = true;
const slow = [];
process.on('SIGUSR2', () => { well = !well; });
require('node:http').createServer((request, response) => {
  const name = String(process.pid);
  if (request.url === '/health') return void response.writeHead(well ? 200 : 503).end();
  if (request.url === '/slow') return void slow.push(() => response.end(name));
  if (request.url === '/release') while (slow.length > 0) slow.pop()();
  response.end(name);
}).listen(Number(process.argv[1]), '127.0.0.1', () => process.send('ready'));
`;

interface Service {
  readonly pid: number;
  readonly instance: Instance;
  readonly child: ChildProcess;
}

describe(
  'instances that HAProxy asks whether they are well',
  { timeout: 120_000, skip: haproxyMissing ?? false },
  () => {
    let directory: string;
    let processes: Processes;
    let traffic: Traffic;
    const services: Service[] = [];
    let routes = 0;

    before(async () => {
      directory = await mkdtemp(join(tmpdir(), 'liftlock haproxy health '));
      processes = createProcesses({ directory: join(directory, 'processes'), nodePath: process.execPath });
      traffic = haproxyIn({ processes, clock: createClock(), directory: join(directory, 'haproxy') });
    });
    after(async () => {
      for (const { key } of await processes.list('haproxy/')) await processes.stop(key, 2_000);
      for (const { child } of services) child.kill('SIGKILL');
      await rm(directory, { recursive: true, force: true, maxRetries: 5 });
    });

    const service = async (): Promise<Service> => {
      const port = await freePort();
      const child = spawn(process.execPath, ['-e', program, String(port)], {
        stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      });
      await once(child, 'message');
      const made = { pid: child.pid!, instance: { host: '127.0.0.1', port }, child };
      services.push(made);
      return made;
    };
    const sideOf = (name: string, weight: number, all: readonly Service[]): Side => ({
      name,
      weight,
      instances: all.map(({ instance }) => instance),
      health: { path: '/health', timeoutMs: 1_000 },
    });
    const routeTo = async (...sides: Side[]): Promise<Route> => {
      routes += 1;
      const listen = { host: '127.0.0.1', port: await freePort() };
      return { environment: idOf('env', routes), by: 'haproxy', listen, sides };
    };
    /** Who answered ten requests; every one of them was answered. */
    const answering = async (route: Route): Promise<readonly number[]> => {
      const answers = await Promise.all(Array.from({ length: 10 }, () => ask(route)));
      assert.deepEqual(
        answers.filter(({ status }) => status !== 200),
        [],
      );
      return [...new Set(answers.map(({ body }) => Number(body)))].sort((left, right) => left - right);
    };
    const answers = (route: Route, all: readonly Service[]) =>
      until(async () => {
        const pids = all.map(({ pid }) => pid).sort((left, right) => left - right);
        assert.deepEqual(await answering(route), pids);
        return true;
      });
    const underWay = async ({ environment }: Route) => (await traffic.inspect(environment))!.sides[0]!.inFlight;
    /** Requests that stay under way, each at another instance: two threads that choose in the same moment may choose the same. */
    const oneAtEach = async (route: Route, method = 'GET') => {
      const first = ask(route, { method, path: '/slow' });
      await until(async () => (await underWay(route)) === 1);
      const second = ask(route, { method, path: '/slow' });
      await until(async () => (await underWay(route)) === 2);
      return [first, second];
    };
    const releaseSlow = ({ instance }: Service) => ask({ listen: instance }, { path: '/release' });

    test('one that says that it is not well ends what it is at and gets nothing new; while none is well all are asked', async () => {
      const two = [await service(), await service()] as const;
      const route = await routeTo(sideOf('one', 10_000, two));
      await traffic.apply(route);
      await answers(route, two);
      const slow = await oneAtEach(route);
      process.kill(two[0].pid, 'SIGUSR2');
      await answers(route, [two[1]]);
      await until(async () => (await underWay(route)) === 2);
      for (const one of two) await releaseSlow(one);
      const statuses = (await Promise.all(slow)).map(({ status }) => status);
      assert.deepEqual(statuses, [200, 200]);
      process.kill(two[1].pid, 'SIGUSR2');
      await answers(route, two);
      for (const { pid } of two) process.kill(pid, 'SIGUSR2');
      await answers(route, two);
    });

    test('one that hangs loses what is safe to repeat to the others, and no request fails', async () => {
      const two = [await service(), await service()] as const;
      const route = await routeTo(sideOf('one', 10_000, two));
      await traffic.apply(route);
      const slow = await oneAtEach(route);
      process.kill(two[0].pid, 'SIGSTOP');
      await answers(route, [two[1]]);
      await until(async () => {
        await releaseSlow(two[1]);
        return (await underWay(route)) === 0;
      });
      const given = (await Promise.all(slow)).map(({ status, body }) => [status, Number(body)]);
      assert.deepEqual(
        given,
        [0, 1].map(() => [200, two[1].pid]),
      );
      process.kill(two[0].pid, 'SIGCONT');
      await answers(route, two);
    });

    test('releases follow each other without a reload, and one that drains is not cut off whatever its health says', async () => {
      const [old, next] = [[await service(), await service()] as const, [await service(), await service()]];
      const route = await routeTo(sideOf('old', 10_000, old));
      await traffic.apply(route);
      const { serving } = await workersOf(join(directory, 'haproxy'));
      const slow = await oneAtEach(route, 'POST');
      await traffic.apply({ ...route, sides: [sideOf('old', 0, old), sideOf('next', 10_000, next)] });
      await answers(route, next);
      await traffic.apply({ ...route, sides: [sideOf('old', 0, [old[0]]), sideOf('next', 10_000, next)] });
      process.kill(old[1].pid, 'SIGSTOP');
      const leaving = (await traffic.inspect(route.environment))!.leaving!;
      assert.deepEqual(
        leaving.map(({ port, inFlight }) => ({ port, inFlight })),
        [{ port: old[1].instance.port, inFlight: 1 }],
      );
      await traffic.apply({ ...route, sides: [sideOf('next', 10_000, next)] });
      process.kill(old[1].pid, 'SIGCONT');
      for (const one of old) await releaseSlow(one);
      const statuses = (await Promise.all(slow)).map(({ status }) => status);
      assert.deepEqual(statuses, [200, 200]);
      await answers(route, next);
      assert.deepEqual((await workersOf(join(directory, 'haproxy'))).serving, serving);
    });
  },
);

/** An instance that is not well gets no request until it is again; measured at the edge in its own process. */
import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { createProcesses } from '../../../src/adapters/processes/processes.ts';
import type { EnvironmentId } from '../../../src/domain/base/id.ts';
import type { Route, Traffic } from '../../../src/ports/traffic.ts';
import { edgeIn, endEdge } from '../../world/edge.ts';
import { idOf } from '../../make/facts.ts';
import { until } from '../../world/make.ts';

interface Backend {
  well: boolean;
  port: number;
  /** Requests of users; questions after its health are not among them. */
  asked: number;
  /** Answers that are to come later; absent: at once. */
  late?: (() => void)[];
  readonly server: Server;
}

describe('the health of instances', { timeout: 60_000 }, () => {
  let directory: string;
  let traffic: Traffic;
  let environments = 0;
  const backends: Backend[] = [];
  const processes = () => createProcesses({ directory: join(directory, 'processes'), nodePath: process.execPath });

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'liftlock health '));
    traffic = edgeIn(directory, processes());
  });
  after(async () => {
    await endEdge(processes());
    for (const { server } of backends) {
      server.close();
      server.closeAllConnections();
    }
    await rm(directory, { recursive: true, force: true, maxRetries: 5 });
  });

  async function backend(): Promise<Backend> {
    const server = createServer((request, response) => {
      if (request.url === '/health') return void response.writeHead(made.well ? 200 : 503).end();
      made.asked += 1;
      if (made.late === undefined) response.end(String(made.port));
      else made.late.push(() => response.end('late'));
    });
    const made: Backend = { well: true, port: 0, asked: 0, server };
    await listen(made);
    backends.push(made);
    return made;
  }

  async function routeTo(two: readonly Backend[], path?: string): Promise<Route> {
    environments += 1;
    const free = await backend();
    await close(free);
    const route: Route = {
      by: 'edge',
      environment: idOf('env', environments) as EnvironmentId,
      listen: { host: '127.0.0.1', port: free.port },
      sides: [
        {
          name: 'one',
          weight: 10_000,
          instances: two.map(({ port }) => ({ host: '127.0.0.1', port })),
          health: { timeoutMs: 2_000, ...(path === undefined ? {} : { path }) },
        },
      ],
    };
    await traffic.apply(route);
    return route;
  }

  const wellOf = async ({ environment }: Route, { port }: Backend): Promise<boolean | undefined> =>
    (await traffic.inspect(environment))?.sides[0]?.instances?.find((one) => one.port === port)?.well;

  test('one that says that it is not well is passed over until it says that it is', async () => {
    const [good, ill] = [await backend(), await backend()];
    const route = await routeTo([good, ill], '/health');
    await askOften(route, 20);
    assert.ok(ill.asked > 0, 'it had its turn while it was well');
    ill.well = false;
    await until(async () => (await wellOf(route, ill)) === false, 'it to be told as not well', 20_000);
    const count = ill.asked;
    await askOften(route, 40);
    assert.equal(ill.asked, count, 'no request while it is not well');
    ill.well = true;
    await until(async () => (await wellOf(route, ill)) === true, 'it to be well again', 20_000);
    await askOften(route, 20);
    assert.ok(ill.asked > count, 'it has its turn again');
  });

  test('one that refuses connections gets no request until it takes them again, and no user sees it', async () => {
    const [good, gone] = [await backend(), await backend()];
    const route = await routeTo([good, gone]);
    await close(gone);
    // It rests for half a second at first, and for longer each time that it refuses again.
    await until(
      async () => {
        await askOften(route, 40);
        return (await wellOf(route, gone)) === false;
      },
      'it to be told as not well',
      20_000,
    );
    await listen(gone, gone.port);
    const count = gone.asked;
    await until(async () => (await wellOf(route, gone)) === true, 'it to be back', 20_000);
    await askOften(route, 20);
    assert.ok(gone.asked > count);
  });

  test('while the only one refuses connections every request is refused at once, and none is left waiting', async () => {
    const only = await backend();
    const route = await routeTo([only]);
    await Promise.all(Array.from({ length: 8 }, () => ask(route)));
    await close(only);
    for (let round = 0; round < 10; round++) {
      const answers = Array.from({ length: 8 }, () => statusOf(route, AbortSignal.timeout(5_000)));
      assert.deepEqual([...new Set(await Promise.all(answers))], [502]);
    }
    await listen(only, only.port);
    await until(async () => (await statusOf(route)) === 200, 'it to be reached again', 20_000);
  });

  test('when none is well they are asked all the same', async () => {
    const two = [await backend(), await backend()];
    const route = await routeTo(two, '/health');
    for (const one of two) one.well = false;
    for (const one of two)
      await until(async () => (await wellOf(route, one)) === false, 'both to be told as not well', 20_000);
    await askOften(route, 10);
  });

  test('an instance that left the route is told for as long as something is under way there', async () => {
    const [stays, leaves] = [await backend(), await backend()];
    const route = await routeTo([stays, leaves]);
    const answers: (() => void)[] = [];
    for (const one of [stays, leaves]) one.late = answers;
    const slow = [ask(route), ask(route)];
    await until(async () => answers.length === 2, 'both requests to be under way', 20_000);
    const [side] = route.sides;
    await traffic.apply({ ...route, sides: [{ ...side!, instances: [side!.instances[0]!] }] });
    const state = await traffic.inspect(route.environment);
    assert.deepEqual(
      state?.leaving?.map(({ port, inFlight }) => ({ port, inFlight })),
      [{ port: leaves.port, inFlight: 1 }],
    );
    for (const answer of answers) answer();
    assert.deepEqual(
      (await Promise.all(slow)).map(({ status }) => status),
      [200, 200],
    );
    await until(async () => (await traffic.inspect(route.environment))?.leaving?.length === 0, 'it to be done', 20_000);
  });
});

async function listen(backend: Backend, port = 0): Promise<void> {
  await new Promise<void>((resolve) => backend.server.listen(port, '127.0.0.1', resolve));
  backend.port = (backend.server.address() as AddressInfo).port;
}

async function close({ server }: Backend): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeAllConnections();
  await closed;
}

function ask({ listen: { host, port } }: Route): Promise<Response> {
  return fetch(`http://${host}:${port}/`, { headers: { connection: 'close' } });
}

async function statusOf({ listen: { host, port } }: Route, signal?: AbortSignal): Promise<number> {
  const response = await fetch(`http://${host}:${port}/`, signal === undefined ? {} : { signal });
  await response.arrayBuffer();
  return response.status;
}

async function askOften(route: Route, times: number): Promise<void> {
  const answers = await Promise.all(Array.from({ length: times }, () => ask(route)));
  assert.deepEqual(
    answers.filter(({ status }) => status !== 200),
    [],
  );
}

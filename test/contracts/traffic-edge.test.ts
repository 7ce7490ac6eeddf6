/** The edge holds the contract of `Traffic`, and hands its addresses to an edge of another version. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { createProcesses } from '../../src/adapters/processes/processes.ts';
import { createEdgeTraffic } from '../../src/adapters/traffic/edge/edge-traffic.ts';
import { readRecord } from '../../src/adapters/traffic/edge/state-file.ts';
import type { Processes } from '../../src/ports/processes.ts';
import type { Route } from '../../src/ports/traffic.ts';
import { edgeIn, endEdge } from '../edge.ts';
import { idOf } from '../make-facts.ts';
import { ask, freePort, isAlive, keepAliveLoad, openBackend, side, until } from '../traffic.ts';
import { holdsTheContract } from './traffic-contract.ts';

holdsTheContract({
  by: 'edge',
  open: (parts) => createEdgeTraffic({ ...parts, nodePath: process.execPath, version: '1.0.0' }),
  kill: async ({ directory }) => void process.kill((await readRecord(directory))!.pid, 'SIGKILL'),
});

describe('the edge of another version', { timeout: 60_000 }, () => {
  let directory: string;
  let processes: Processes;

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'liftlock edge '));
    processes = createProcesses({ directory: join(directory, 'processes'), nodePath: process.execPath });
  });
  after(async () => {
    await endEdge(processes);
    await rm(directory, { recursive: true, force: true, maxRetries: 5 });
  });

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

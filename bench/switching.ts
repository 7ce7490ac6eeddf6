/**
 * Does anybody notice a deployment? Releases follow each other through the target that deploys for real, by blue-green and by canary
 * in turns, while many clients keep asking, some send slowly, some read long streams and some hold WebSockets. Each old service is
 * ended when its leader says that nothing is under way there. Every failed request, cut stream and wrongly closed socket is counted.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { createArtifacts } from '../src/adapters/artifacts/artifacts.ts';
import { createClock } from '../src/adapters/clock/system.ts';
import { createProbe } from '../src/adapters/probe/probe.ts';
import { createProcesses } from '../src/adapters/processes/processes.ts';
import { createProcessTarget } from '../src/adapters/targets/process/process-target.ts';
import { createCaddyTraffic } from '../src/adapters/traffic/caddy/caddy-traffic.ts';
import { createTraffic } from '../src/adapters/traffic/choice.ts';
import { createEdgeTraffic } from '../src/adapters/traffic/edge/edge-traffic.ts';
import { createHaproxyTraffic } from '../src/adapters/traffic/haproxy/haproxy-traffic.ts';
import { createNginxTraffic } from '../src/adapters/traffic/nginx/nginx-traffic.ts';
import type { Digest } from '../src/domain/base/digest.ts';
import type { Duration } from '../src/domain/base/time.ts';
import { trafficKinds, type TrafficKind } from '../src/domain/pipeline/traffic-spec.ts';
import type { DeployAnswer, Deployment, Pair, Target } from '../src/ports/target.ts';
import { idOf } from '../test/make/facts.ts';
import { slowAnswers } from '../test/world/slow-service.ts';
import { searchPath } from '../test/world/traffic-programs.ts';
import { connections, startClients, type Clients } from './clients.ts';
import { onPath } from './edge.ts';
import { median, type Figure, type Measured } from './figures.ts';
import { freePort } from '../test/world/traffic.ts';

/** `stop-and-start`: the service listens at the address itself, so the old one is stopped before the new one starts. */
export type Way = TrafficKind | 'stop-and-start';

const usual = { deployments: 100, requests: 1_000_000 };
const weights = [100, 500, 2_500, 5_000];

/** What a release is here: answers at once, slowly in a stream, and echoes over WebSockets. It ends without a goodbye. */
const program = `
const { createServer } = require('node:http');
${slowAnswers}
const server = createServer({ keepAliveTimeout: 5000 }, (request, response) => {
  if (request.url === '/stream') return stream(response);
  request.resume().on('end', () => response.end('an answer of some length, as small pages are\\n'));
});
server.on('upgrade', echo);
server.listen(Number(process.env.PORT), '127.0.0.1');
`;

/** Goes on until both numbers are reached. */
export async function switching(way: Way, wanted = usual): Promise<Measured> {
  if (!onPath('wrk')) throw new Error('this benchmark needs wrk (Debian: apt-get install wrk)');
  const directory = await mkdtemp(join(tmpdir(), 'liftlock-bench-'));
  const place = await makePlace(directory, way);
  const backMs: number[] = [];
  let deployments = 0;
  let current = place.deployment();
  await ready(place.target.deploy(current, never));
  const clients = startClients(place.port);
  const begin = performance.now();
  try {
    while (deployments < wanted.deployments || clients.requests.done < wanted.requests) {
      deployments += 1;
      const next = place.deployment();
      if (way !== 'stop-and-start' && deployments % 2 === 0)
        backMs.push(await stepByStep(place.target, { fresh: next, stable: current }));
      await ready(place.target.deploy(next, never));
      while ((await place.target.retire(next)) === 'draining') await wait(50);
      current = next;
    }
  } finally {
    await clients.end();
    await place.end();
    await rm(directory, { recursive: true, force: true, maxRetries: 5 });
  }
  const minutes = Math.round((performance.now() - begin) / 6_000) / 10;
  return {
    figures: figuresOf(clients, backMs),
    setup: { way, deployments, connections, minutes, strategies: 'blue-green and canary in turns' },
  };
}

/** Answers how long it took to lead all requests back, as an abort does; then it goes forward again. */
async function stepByStep(target: Target, pair: Pair): Promise<number> {
  const beside = target.beside!(pair.fresh)!;
  await ready(beside.start(pair.fresh, never));
  const share = (weight: number) => beside.share(pair, { weight, groups: [], shadow: false, users: 'none' });
  for (const weight of weights) {
    await share(weight);
    await wait(50);
  }
  const begin = performance.now();
  await share(0);
  return performance.now() - begin;
}

const never = new AbortController().signal;

async function ready(answer: Promise<DeployAnswer>): Promise<void> {
  const given = await answer;
  if (given.deployed !== 'ready') throw new Error(JSON.stringify(given));
}

function figuresOf({ requests, slow, streams, sockets }: Clients, backMs: readonly number[]): readonly Figure[] {
  const none = { is: 'at most', value: 0 } as const;
  return [
    { what: 'requests', value: requests.done, unit: '' },
    { what: 'failed requests', value: requests.failed, unit: '', aim: none },
    { what: 'slow uploads', value: slow.done, unit: '' },
    { what: 'failed slow uploads', value: slow.failed, unit: '', aim: none },
    { what: 'streams', value: streams.done, unit: '' },
    { what: 'cut streams', value: streams.failed, unit: '', aim: none },
    { what: 'WebSocket conversations', value: sockets.done, unit: '' },
    { what: 'broken WebSocket conversations', value: sockets.failed, unit: '', aim: none },
    ...(backMs.length === 0
      ? []
      : [
          {
            what: 'all traffic back on stable (median)',
            value: median(backMs),
            unit: 'ms',
            aim: { is: 'at most', value: 100 } as const,
          },
        ]),
  ];
}

interface Place {
  readonly target: Target;
  readonly port: number;
  /** Another one of the same release, never started before. */
  deployment(): Deployment;
  end(): Promise<void>;
}

async function makePlace(directory: string, way: Way): Promise<Place> {
  const processes = createProcesses({ directory: join(directory, 'processes'), nodePath: process.execPath });
  const artifacts = createArtifacts({ directory: join(directory, 'artifacts') });
  const [clock, port] = [createClock(), await freePort()];
  const parts = { processes, clock, searchPath, nodePath: process.execPath, version: 'bench' };
  const traffic = createTraffic({
    clock,
    leaders: {
      edge: createEdgeTraffic({ ...parts, directory: join(directory, 'edge') }),
      haproxy: createHaproxyTraffic({ ...parts, directory: join(directory, 'haproxy'), keyDirectory: directory }),
      nginx: createNginxTraffic({ ...parts, directory: join(directory, 'nginx') }),
      caddy: createCaddyTraffic({ ...parts, directory: join(directory, 'caddy') }),
    },
  });
  const source = join(directory, 'source');
  await mkdir(source);
  await writeFile(join(source, 'server.cjs'), program);
  const artifact = (await artifacts.pack(source, [])).digest;
  let made = 0;
  return {
    port,
    target: createProcessTarget({ ...parts, artifacts, probe: createProbe(), traffic }),
    deployment: () => deploymentOf((made += 1), { way, port, artifact }),
    async end() {
      const services = await processes.list('service/');
      await Promise.all(services.map(({ key }) => processes.stop(key, 0)));
      for (const kind of trafficKinds)
        for (const { key } of await processes.list(`${kind}/`)) await processes.stop(key, 2_000);
    },
  };
}

function deploymentOf(
  number: number,
  { way, port, artifact }: { readonly way: Way; readonly port: number; readonly artifact: Digest },
): Deployment {
  const long = 60_000 as Duration;
  return {
    id: idOf('dep', number),
    project: { id: idOf('prj', 1), name: 'bench' },
    environment: { id: idOf('env', 1), name: 'bench', kind: 'staging' },
    release: { id: idOf('rel', 1), number, commit: 'c'.repeat(40), artifact },
    promotion: idOf('prm', number),
    service: {
      start: `exec '${process.execPath}' server.cjs`,
      migrateTimeout: long,
      health: { kind: 'http', path: '/', deadline: long, timeout: long },
      stopGrace: long,
    },
    target: { kind: 'process', ...(way === 'stop-and-start' ? { direct: true } : {}) },
    ...(way === 'stop-and-start' ? {} : { traffic: way }),
    port,
    instances: 1,
    continues: [],
    variables: { PATH: process.env['PATH'] ?? '' },
    hide: [],
  };
}

/**
 * The edge against proxies that are known for their speed, in one run: each alone on one core's worth of threads, in turns,
 * under the same load on the same instance. CPU is read from the kernel for the proxy's own processes, which neighbours on the
 * machine disturb less than requests per second. What is not installed is left out, and says so.
 */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { createClock } from '../src/adapters/clock/system.ts';
import { createProcesses } from '../src/adapters/processes/processes.ts';
import { createEdgeTraffic } from '../src/adapters/traffic/edge/edge-traffic.ts';
import { readRecord } from '../src/adapters/traffic/edge/state-file.ts';
import { findProgram } from '../src/adapters/traffic/find-program.ts';
import { idOf } from '../test/make/facts.ts';
import { searchPath } from '../test/world/traffic-programs.ts';
import { median, type Figure, type Measured } from './figures.ts';
import { installNodeProxies, nodeProxies, startNodeProxy } from './node-proxies.ts';
import { freePort } from '../test/world/traffic.ts';
import { cpuOf, familyOf } from './processes.ts';

const run = promisify(execFile);
const rounds = 5;
const seconds = 4;
const connections = 32;

interface Proxy {
  readonly name: string;
  readonly port: number;
  readonly pids: () => Promise<readonly number[]>;
  readonly stop: () => Promise<void>;
}

interface Turn {
  readonly requestsPerSecond: number;
  readonly cpuMicrosecondsPerRequest: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly failed: number;
}

/** With those of npm, in place of the servers, they are installed into the scratch directory first. */
export async function edge(
  { against }: { readonly against: 'servers' | 'npm' } = { against: 'servers' },
): Promise<Measured> {
  const tools = ['wrk', 'nginx'].filter((tool) => !onPath(tool));
  if (tools.length > 0)
    throw new Error(`this benchmark needs ${tools.join(' and ')} (Debian: apt-get install wrk nginx-light)`);
  const directory = await mkdtemp(join(tmpdir(), 'liftlock-bench-edge-'));
  const backend = await startNginx(directory);
  const proxies: Proxy[] = [await startEdge(directory, backend.port)];
  proxies.push(...(await (against === 'npm' ? startNodeProxies : startServers)(directory, backend.port)));
  try {
    const turns = new Map<string, Turn[]>(proxies.map(({ name }) => [name, []]));
    for (const proxy of proxies) await load(proxy, 1);
    for (let round = 0; round < rounds; round++)
      for (const proxy of proxies) turns.get(proxy.name)!.push(await load(proxy, seconds));
    return { figures: figuresOf(turns), setup: { rounds, seconds, connections, threads: 1 } };
  } finally {
    for (const proxy of [...proxies, backend]) await proxy.stop();
    await rm(directory, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function startServers(directory: string, backendPort: number): Promise<readonly Proxy[]> {
  const proxies: Proxy[] = [];
  for (const [tool, start] of [
    ['haproxy', startHaproxy],
    ['caddy', startCaddy],
  ] as const) {
    if (onPath(tool)) proxies.push(await start(directory, backendPort));
    else console.log(`${tool} is not installed: left out`);
  }
  return proxies;
}

async function startNodeProxies(directory: string, backendPort: number): Promise<readonly Proxy[]> {
  await installNodeProxies(directory);
  const proxies: Proxy[] = [];
  for (const name of nodeProxies) {
    const port = await freePort();
    proxies.push(await started(name, port, await startNodeProxy(directory, name, { port, backendPort })));
  }
  return proxies;
}

/** Of what each of them does and takes, what the edge should at least do and at most take. */
const aims: readonly {
  readonly name: string;
  readonly shown: string;
  readonly requests?: number;
  readonly cpu: number;
}[] = [
  ...nodeProxies.map((name) => ({ name, shown: name, requests: 1, cpu: 1 })),
  { name: 'haproxy', shown: 'HAProxy', requests: 0.5, cpu: 2.5 },
  { name: 'caddy', shown: 'Caddy', cpu: 0.6 },
];

function figuresOf(turns: ReadonlyMap<string, readonly Turn[]>): readonly Figure[] {
  const of = (name: string, key: keyof Turn) => median((turns.get(name) ?? []).map((turn) => turn[key]));
  const figures: Figure[] = [];
  for (const name of turns.keys()) {
    figures.push({ what: `${name}: requests/s`, value: of(name, 'requestsPerSecond'), unit: '' });
    figures.push({ what: `${name}: CPU for each request`, value: of(name, 'cpuMicrosecondsPerRequest'), unit: 'µs' });
    figures.push({ what: `${name}: p50`, value: of(name, 'p50Ms'), unit: 'ms' });
    figures.push({ what: `${name}: p99`, value: of(name, 'p99Ms'), unit: 'ms' });
    figures.push({
      what: `${name}: failed`,
      value: (turns.get(name) ?? []).reduce((sum, turn) => sum + turn.failed, 0),
      unit: '',
    });
  }
  const ratio = (name: string, key: keyof Turn) => of('edge', key) / of(name, key);
  for (const { name, shown, requests, cpu } of aims.filter((one) => turns.has(one.name))) {
    if (requests !== undefined)
      figures.push({
        what: `requests/s, edge : ${shown}`,
        value: ratio(name, 'requestsPerSecond'),
        unit: '',
        aim: { is: 'at least', value: requests },
      });
    figures.push({
      what: `CPU, edge : ${shown}`,
      value: ratio(name, 'cpuMicrosecondsPerRequest'),
      unit: '',
      aim: { is: 'at most', value: cpu },
    });
  }
  return figures;
}

async function load(proxy: Proxy, forSeconds: number): Promise<Turn> {
  const before = await cpuOf(await proxy.pids());
  const { stdout } = await run('wrk', [
    '-t1',
    `-c${connections}`,
    `-d${forSeconds}s`,
    '--latency',
    `http://127.0.0.1:${proxy.port}/`,
  ]);
  const used = (await cpuOf(await proxy.pids())) - before;
  const requests = Number(/(\d+) requests in/.exec(stdout)?.[1] ?? 0);
  const failed = [...stdout.matchAll(/(?:connect|read|write|timeout|Non-2xx or 3xx responses:?) (\d+)/g)].reduce(
    (sum, match) => sum + Number(match[1]),
    0,
  );
  return {
    requestsPerSecond: Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)?.[1] ?? 0),
    cpuMicrosecondsPerRequest: (used / requests) * 1_000,
    p50Ms: milliseconds(/^\s+50%\s+(\S+)/m.exec(stdout)?.[1]),
    p99Ms: milliseconds(/^\s+99%\s+(\S+)/m.exec(stdout)?.[1]),
    failed,
  };
}

function milliseconds(text = 'NaN'): number {
  const value = Number.parseFloat(text);
  if (text.endsWith('us')) return value / 1_000;
  return text.endsWith('ms') ? value : value * 1_000;
}

async function startEdge(directory: string, backendPort: number): Promise<Proxy> {
  const processes = createProcesses({ directory: join(directory, 'processes'), nodePath: process.execPath });
  const traffic = createEdgeTraffic({
    processes,
    clock: createClock(),
    directory: join(directory, 'edge'),
    nodePath: process.execPath,
    version: 'bench',
  });
  const port = await freePort();
  await traffic.apply({
    environment: idOf('env', 1),
    by: 'edge',
    listen: { host: '127.0.0.1', port },
    sides: [{ name: 'one', weight: 10_000, instances: [{ host: '127.0.0.1', port: backendPort }] }],
  });
  const { pid } = (await readRecord(join(directory, 'edge')))!;
  return {
    name: 'edge',
    port,
    pids: async () => [pid],
    stop: async () => {
      for (const { key } of await processes.list('edge/')) await processes.stop(key, 2_000);
    },
  };
}

async function startNginx(directory: string): Promise<Proxy> {
  const port = await freePort();
  const file = join(directory, 'nginx.conf');
  await writeFile(
    file,
    `daemon off; worker_processes 1; pid ${directory}/nginx.pid; error_log stderr; events {}
http { access_log off; keepalive_requests 1000000; server { listen 127.0.0.1:${port}; location / { return 200 "hello, this is an answer of some length, as small pages are\\n"; } } }`,
  );
  return started('nginx', port, spawn('nginx', ['-c', file, '-p', directory], { stdio: 'ignore' }));
}

async function startHaproxy(directory: string, backendPort: number): Promise<Proxy> {
  const port = await freePort();
  const file = join(directory, 'haproxy.cfg');
  await writeFile(
    file,
    `global
  nbthread 1
defaults
  mode http
  option forwardfor
  http-reuse always
  timeout connect 5s
  timeout client 60s
  timeout server 60s
frontend f
  bind 127.0.0.1:${port}
  default_backend b
backend b
  server one 127.0.0.1:${backendPort}
`,
  );
  return started('haproxy', port, spawn('haproxy', ['-f', file, '-db'], { stdio: 'ignore' }));
}

async function startCaddy(directory: string, backendPort: number): Promise<Proxy> {
  const port = await freePort();
  const file = join(directory, 'Caddyfile');
  await writeFile(
    file,
    `{\n admin off\n auto_https off\n}\nhttp://127.0.0.1:${port} {\n reverse_proxy 127.0.0.1:${backendPort}\n}\n`,
  );
  const env = {
    ...process.env,
    GOMAXPROCS: '1',
    HOME: directory,
    XDG_DATA_HOME: directory,
    XDG_CONFIG_HOME: directory,
  };
  return started(
    'caddy',
    port,
    spawn('caddy', ['run', '--config', file, '--adapter', 'caddyfile'], { stdio: 'ignore', env }),
  );
}

async function started(name: string, port: number, child: ChildProcess): Promise<Proxy> {
  const end = Date.now() + 10_000;
  for (;;) {
    if (child.exitCode !== null || Date.now() > end) throw new Error(`${name} did not start`);
    const answered = await fetch(`http://127.0.0.1:${port}/`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (answered) break;
    await wait(50);
  }
  return {
    name,
    port,
    pids: () => familyOf(child.pid!),
    stop: async () => {
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await gone;
    },
  };
}

export function onPath(name: string): boolean {
  return findProgram(name, searchPath) !== undefined;
}

/** Where targets are tried: artifacts and processes in a scratch directory, and a service that does as its MODE says. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before } from 'node:test';
import { createArtifacts } from '../../../src/adapters/artifacts/artifacts.ts';
import { createClock } from '../../../src/adapters/clock/system.ts';
import { createProbe } from '../../../src/adapters/probe/probe.ts';
import { createProcesses } from '../../../src/adapters/processes/processes.ts';
import { createCommandTarget } from '../../../src/adapters/targets/command/command-target.ts';
import { createProcessTarget } from '../../../src/adapters/targets/process/process-target.ts';
import { createWorkspaces } from '../../../src/adapters/workspaces/workspaces.ts';
import type { Digest } from '../../../src/domain/base/digest.ts';
import type { Duration } from '../../../src/domain/base/time.ts';
import type { TargetSpec } from '../../../src/domain/pipeline/environment.ts';
import type { HealthCheck } from '../../../src/domain/pipeline/pipeline.ts';
import type { DeployAnswer, Deployment } from '../../../src/ports/target.ts';
import type { Listen } from '../../../src/ports/traffic.ts';
import { edgeIn, endEdge } from '../../world/edge.ts';
import { freePort } from '../../world/traffic.ts';

export const seconds = (count: number) => (count * 1_000) as Duration;
export const clock = createClock();
export const probe = createProbe();
export const never = new AbortController().signal;
export const answering: HealthCheck & { kind: 'http' } = {
  kind: 'http',
  path: '/health',
  deadline: seconds(60),
  timeout: seconds(20),
};

/** A worker that listens nowhere. */
export const portless: TargetSpec = { kind: 'process', port: 'none' };

export let directory = '';
export let artifact = '' as Digest;
let deployments = 0;
/** Ports of instances are looked for from a place that their names give: files that run side by side must not share names. */
const ofThisFile = randomInt(2 ** 40) * 1_000;

/** What a restarted control plane has: everything made anew over the same directories. */
export function world() {
  const processes = createProcesses({ directory: join(directory, 'processes'), nodePath: process.execPath });
  const artifacts = createArtifacts({ directory: join(directory, 'artifacts') });
  const workspaces = createWorkspaces({ directory: join(directory, 'workspaces') });
  const parts = { processes, artifacts, workspaces, probe, clock };
  const traffic = edgeIn(directory, processes);
  return { ...parts, traffic, local: createProcessTarget({ ...parts, traffic }), command: createCommandTarget(parts) };
}

export const program = `
import { appendFileSync, existsSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
const { MODE, PORT, NOTES, NAME } = process.env;
appendFileSync(NOTES, NAME + ' started\\n');
console.log('hello from ' + NAME);
if (MODE === 'fails') process.exit(3);
if (MODE === 'fails-once' && !existsSync(NOTES + '.died')) { writeFileSync(NOTES + '.died', ''); process.exit(4); }
const server = createServer((request, response) => {
  if (request.url === '/deaf') return void server.close(() => setInterval(() => {}, 1000)) || response.end();
  if (request.url === '/die') process.exit(5);
  if (request.url === '/slow') { response.write('begin '); setTimeout(() => response.end('end'), 1500); return; }
  if (request.url === '/held') {
    response.write('begin ');
    const look = setInterval(() => { if (existsSync(NOTES + '.let-go')) response.end('end', () => clearInterval(look)); }, 20);
    return;
  }
  response.writeHead(MODE === 'sick' || (MODE === 'waits' && !existsSync(NOTES + '.go')) ? 503 : 200).end(JSON.stringify({ ...process.env, cwd: process.cwd() }));
});
server.listen(Number(PORT), '127.0.0.1');
`;

before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'liftlock target '));
  const source = join(directory, 'source');
  await mkdir(source);
  await writeFile(join(source, 'server.mjs'), program);
  artifact = (await world().artifacts.pack(source, [])).digest;
});

afterEach(async () => {
  const { processes } = world();
  const runs = (await Promise.all(['service/', 'deploy/'].map((prefix) => processes.list(prefix)))).flat();
  await Promise.all(runs.filter(({ state }) => state.state === 'running').map(({ key }) => processes.stop(key, 0)));
});

after(async () => {
  await endEdge(world().processes);
  execFileSync('chmod', ['-R', 'u+rwX', directory]);
  await rm(directory, { recursive: true, force: true });
});

export interface Place {
  readonly environment: string;
  readonly port: number;
  readonly listen: Listen;
  readonly notes: string;
}

export async function newPlace(): Promise<Place> {
  const environment = `env_${String(ofThisFile + (deployments += 1)).padStart(26, '0')}`;
  const port = await freePort();
  return { environment, port, listen: { host: '127.0.0.1', port }, notes: join(directory, `notes ${environment}`) };
}

export function deploymentAt(
  place: Place,
  {
    mode = 'good',
    health = answering as HealthCheck,
    start = `exec '${process.execPath}' server.mjs`,
    target = { kind: 'process', direct: true } as TargetSpec,
    instances = 1,
  } = {},
): Deployment {
  const number = (deployments += 1);
  const name = `#${number}`;
  return {
    id: `dep_${String(number).padStart(26, '0')}`,
    project: { id: 'prj_1', name: 'shop' },
    environment: { id: place.environment, name: 'staging', kind: 'staging' },
    release: { id: 'rel_1', number, commit: 'c'.repeat(40), artifact },
    promotion: 'prm_1',
    service: { start, migrateTimeout: seconds(60), health, stopGrace: seconds(10) },
    target,
    port: target.kind === 'process' && target.port !== 'none' ? place.port : undefined,
    instances,
    continues: [],
    variables: { PATH: process.env['PATH'] ?? '', MODE: mode, NOTES: place.notes, NAME: name },
  } as unknown as Deployment;
}

export async function notesOf({ notes }: Place): Promise<string[]> {
  return (await readFile(notes, 'utf8').catch(() => '')).split('\n').filter((line) => line !== '');
}

export async function until<T>(what: string, look: () => Promise<T | undefined | false>): Promise<T> {
  for (const deadline = performance.now() + 60_000; performance.now() < deadline; await clock.sleep(10)) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
  }
  throw new Error(`waited in vain for ${what}`);
}

/** A failure says why not. */
export function ready(answer: DeployAnswer): void {
  assert.ok(answer.deployed === 'ready', JSON.stringify(answer));
}

export function notReady(answer: DeployAnswer, because: RegExp): string {
  assert.ok(answer.deployed === 'not-ready' && because.test(answer.because), JSON.stringify(answer));
  return answer.output;
}

export function notKnown(answer: DeployAnswer, because: RegExp): string {
  assert.ok(answer.deployed === 'unknown' && because.test(answer.because), JSON.stringify(answer));
  return answer.output;
}

export async function serving({ port }: Pick<Place, 'port'>): Promise<Record<string, string>> {
  return (await (await fetch(`http://127.0.0.1:${port}/`, { headers: { connection: 'close' } })).json()) as Record<
    string,
    string
  >;
}

/** Answers to `/held` end from now on. */
export async function letGo({ notes }: Place): Promise<void> {
  await writeFile(`${notes}.let-go`, '');
}

export async function runsIn(place: Place): Promise<number> {
  return (await world().processes.list(`service/${place.environment}/`)).length;
}

/** The process of one instance, which runs. */
export async function runOf(place: Place, instance: number): Promise<{ readonly key: string; readonly pid: number }> {
  const runs = await world().processes.list(`service/${place.environment}/`);
  const run = runs.find(({ key, state }) => state.state === 'running' && (key.split('/')[3] ?? '1') === `${instance}`);
  assert.ok(run?.state.state === 'running', JSON.stringify(runs));
  return { key: run.key, pid: run.state.pid };
}

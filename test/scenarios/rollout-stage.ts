/** A control plane of its own process, with a service whose releases behave as they are told. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createProcesses } from '../../src/adapters/processes/processes.ts';
import type { StatusView } from '../../src/api/contract/environments.ts';
import type { RolloutView } from '../../src/api/contract/rollouts.ts';
import type { Processes } from '../../src/ports/processes.ts';
import { makeDatabase, query, until } from '../world/make.ts';
import { createClient } from './harness/client.ts';
import type { Member } from './harness/member.ts';
import { makeStage, type Stage } from './harness/stage.ts';

/** `errors`: of how many requests one fails; 0 for none. `dies`: the process ends at its so many-th request. */
export interface Behaviour {
  readonly errors?: number;
  /** The status of every answer but that of the health check. */
  readonly answers?: number;
  readonly dies?: number;
  readonly pauseMs?: number;
  /** Until it listens. */
  readonly startMs?: number;
  /** This instance does not come up. */
  readonly failsAs?: number;
  /** Its health check says no every second time. */
  readonly flaps?: boolean;
}

/** Answers as `behaviour.json` beside it says; its health check says no while there is a file `unwell` in its data. */
export const serviceProgram = `
const { existsSync } = require('node:fs');
const { createServer } = require('node:http');
const { errors = 0, answers = 200, dies = 0, pauseMs = 1, startMs = 0, failsAs = 0, flaps = false, name } = require('./behaviour.json');
if (process.env.LIFTLOCK_INSTANCE === String(failsAs)) process.exit(7);
let count = 0;
let asked = 0;
const server = createServer((request, response) => {
  if (request.url !== '/healthz') count += 1;
  if (dies > 0 && count >= dies) process.exit(9);
  if (request.url === '/healthz' && existsSync(process.env.LIFTLOCK_DATA + '/unwell')) return void response.writeHead(503).end();
  if (request.url === '/healthz' && flaps && asked++ % 2 === 1) return void response.writeHead(503).end();
  setTimeout(() => {
    response.statusCode = request.url !== '/healthz' && errors > 0 && count % errors === 0 ? 500 : request.url === '/healthz' ? 200 : answers;
    response.setHeader('X-Instance', process.env.LIFTLOCK_INSTANCE);
    response.end(name);
  }, pauseMs);
});
setTimeout(() => server.listen(process.env.PORT, '127.0.0.1'), startMs);
process.on('SIGTERM', () => process.exit(0));
`;

export interface RolloutStage {
  readonly home: string;
  url(): string;
  get<T>(path: string): Promise<T>;
  post<T>(path: string, body?: object): Promise<T>;
  /** Commits a release that behaves so; answers its number once it is built. */
  release(behaviour?: Behaviour): Promise<number>;
  /** The pipeline without the environment that this is about. */
  removeLive(): Promise<unknown>;
  promote(number: number): Promise<string>;
  rollout(): Promise<RolloutView>;
  steer(verb: 'pause' | 'resume' | 'skip' | 'promote'): Promise<unknown>;
  promotion(id: string): Promise<PromotionSeen>;
  /** The environment, as status tells it. */
  live(): Promise<StatusView['environments'][number]>;
  /** Every run of its service. */
  services(): ReturnType<Processes['list']>;
  ended(id: string): Promise<{ outcome: string; reason: string }>;
  events(kind: string): Promise<readonly EventSeen[]>;
  /** Its URL. */
  database(): Promise<string>;
  /** SIGKILL to the process that works (and serves, unless they are apart), and a new start. */
  killControlPlane(): Promise<void>;
  /** Starts it again after `end` has ended whatever runs, it among it. */
  restartAfter(end: () => void): Promise<void>;
  /** SIGKILL to the process of the edge; its keeper starts it again. */
  killEdge(): void;
  /** To the same process. */
  signalEdge(signal: NodeJS.Signals): void;
  remove(): Promise<void>;
}

interface EventSeen {
  readonly kind: string;
  readonly at: number;
  readonly promotion: string | null;
  readonly actor: string;
  readonly data: Record<string, unknown>;
}

interface PromotionSeen {
  readonly state: string;
  readonly phase: string | null;
  readonly outcome: string | null;
  readonly reason: string | null;
  readonly rollout: { readonly what: string | null; readonly state: string } | null;
}

const project = '/api/v1/projects/gradual';
const live = `${project}/environments/live`;

/** `more`: further keys of the environment. `allowHosts`: of this machine, that may be asked. `keepsDatabase`: it starts a PostgreSQL of its own, for tests that end everything of the home; the others share one. `apart`: the worker is a process of its own beside the server, on a PostgreSQL of the home that neither of them keeps. */
export async function makeRolloutStage(
  rollout: string,
  {
    verify = 'none',
    apart = false,
    keepsDatabase = false,
    more = '',
    allowHosts = [],
  }: {
    verify?: string;
    apart?: boolean;
    keepsDatabase?: boolean;
    more?: string;
    allowHosts?: readonly string[];
  } = {},
): Promise<RolloutStage> {
  const stage = await makeStage();
  const shared = apart || keepsDatabase ? undefined : await makeDatabase();
  const repository = join(stage.directory, 'repository');
  mkdirSync(repository);
  const pipeline = `version: 1
project: gradual
source: { main: main, poll: 1s }
trust: { signatures: none, separation: none }
service: { start: exec node server.js, health: { path: /healthz, deadline: 20s } }
environments:
  - { name: intake, kind: ci, trigger: { on: main }, verify: none, target: { kind: command, deploy: "" } }
  - name: live
    kind: testing
    trigger: { on: manual }
    verify: ${verify}
    rollout: ${rollout}
${more}`;
  const settings = ['user.name=Ann', 'user.email=ann@example.org', 'commit.gpgsign=false'].flatMap((one) => [
    '-c',
    one,
  ]);
  const git = (...words: string[]) => execFileSync('git', [...settings, '-C', repository, ...words]);
  git('init', '--quiet', '--initial-branch=main');
  writeFileSync(join(repository, 'liftlock.yaml'), pipeline);
  writeFileSync(join(repository, 'server.js'), serviceProgram);
  let starts = 0;
  const databaseUrl = apart ? await databaseOf(stage) : shared?.url;
  const database = databaseUrl === undefined ? {} : { databaseUrl };
  const start = (): Member =>
    stage.start(`plane-${++starts}`, { roles: { serve: !apart, work: true }, allowHosts, ...database });
  const server = apart ? stage.start('server', { roles: { serve: true, work: false }, ...database }) : undefined;
  const serving = await server?.ready;
  let member = start();
  let ready = await member.ready;
  const client = createClient(() => serving ?? ready);
  let made = 0;
  let address = '';
  const self: RolloutStage = {
    home: stage.home,
    url: () => address,
    get: (path) => client.get(path),
    post: (path, body = {}) => client.post(path, body),
    async release(behaviour = {}) {
      const number = ++made;
      writeFileSync(join(repository, 'behaviour.json'), JSON.stringify({ ...behaviour, name: `release ${number}` }));
      git('add', '.');
      git('commit', '--quiet', '-m', `release ${number}`);
      if (number === 1) await client.post('/api/v1/projects', { text: pipeline, source: repository });
      await client.post(`${project}/notify`, {});
      const newest = async () =>
        (await client.get<{ releases: { number: number }[] }>(`${project}/releases?limit=1`)).releases[0]?.number;
      await until(async () => (await newest()) === number, `release ${number} to be built`, 30_000);
      return number;
    },
    removeLive: () =>
      client.post('/api/v1/projects', {
        text: pipeline.slice(0, pipeline.indexOf('  - name: live')),
        source: repository,
      }),
    promote: async (number) =>
      (await client.post<{ promotion: string }>(`${project}/promotions`, { release: `${number}`, environment: 'live' }))
        .promotion,
    rollout: () => client.get(`${live}/rollout`),
    steer: (verb) => client.post(`${live}/rollout/${verb}`, {}),
    promotion: (id) => client.get(`/api/v1/promotions/${id}`),
    async live() {
      const { environments } = await client.get<StatusView>(`${project}/status`);
      return environments.find(({ name }) => name === 'live')!;
    },
    services: () =>
      createProcesses({ directory: join(stage.home, 'processes'), nodePath: process.execPath }).list('service/'),
    async ended(id) {
      let found: Awaited<ReturnType<RolloutStage['promotion']>> | undefined;
      const gone = async () => (found = await self.promotion(id)).state === 'ended';
      await until(gone, `${id} to end`, 100_000).catch(async (error: Error) => {
        const seen = JSON.stringify({ promotion: found, rollout: await self.rollout() });
        throw new Error(`${error.message}: ${seen}`, { cause: error });
      });
      address = (await self.live()).url!;
      return { outcome: found!.outcome!, reason: found!.reason! };
    },
    async events(kind) {
      const path = '/api/v1/events/list?project=gradual&limit=200';
      const { events } = await client.get<{ events: EventSeen[] }>(path);
      return events.filter((event) => event.kind === kind);
    },
    database: async () => databaseUrl ?? (await stage.server()).url('liftlock'),
    async killControlPlane() {
      await member.kill();
      member = start();
      ready = await member.ready;
    },
    async restartAfter(end) {
      const gone = member.kill();
      end();
      await gone;
      member = start();
      ready = await member.ready;
    },
    killEdge: () => self.signalEdge('SIGKILL'),
    signalEdge(signal) {
      const { pid } = JSON.parse(readFileSync(join(stage.home, 'edge', 'edge.json'), 'utf8')) as { pid: number };
      process.kill(pid, signal);
    },
    async remove() {
      await stage.remove();
      await shared?.drop();
    },
  };
  return self;
}

async function databaseOf(stage: Stage): Promise<string> {
  const server = await stage.server();
  await query(server.url('postgres'), 'create database scenario');
  return server.url('scenario');
}

/** Who may be killed in the middle of a rollout, and how. */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { directoryName } from '../../src/adapters/processes/key.ts';
import { createProcesses } from '../../src/adapters/processes/processes.ts';
import { files, readRecord, type StoredState } from '../../src/adapters/processes/record.ts';
import { createClock } from '../../src/adapters/clock/system.ts';
import { startEmbedded } from '../../src/adapters/postgres/embedded/start-embedded.ts';
import { query, until } from '../world/make.ts';
import { isAlive } from '../../src/system/alive.ts';
import { killPostmaster } from './harness/postmaster.ts';
import type { RolloutStage } from './rollout-stage.ts';

/**
 * `for good`: the keeper, which would start it again, is killed with it. `port taken`: the edge is lost so, and while it is away a
 * stranger takes the address of users and keeps it for a while. `loses its port`: it is killed, and a stranger has its own port, at
 * which its keeper starts it again and again, until the round is over.
 */
export const victims = [
  'control plane',
  'edge',
  'edge for good',
  'port taken',
  'database',
  'database backend',
  'new release',
  'new release for good',
  'new release loses its port',
  'stable release',
  'stable release for good',
  'stable release loses its port',
] as const;
/** What befalls them without killing them. The network and the disk are root's to take away; the disk is that of a small file system. */
export const troubles = ['new release frozen', 'stable release frozen', 'new release cut off', 'disk full'] as const;
export type Victim = (typeof victims)[number] | 'worker' | (typeof troubles)[number];

/** `known`: keys of the services that ran before the new release was asked for. */
export interface Scene {
  readonly stable: string;
  readonly known: ReadonlySet<string>;
}

/** Answers how it is undone, where it can be. */
export async function kill(
  stage: RolloutStage,
  victim: Victim,
  scene: Scene,
): Promise<(() => void | Promise<void>) | void> {
  switch (victim) {
    case 'new release frozen':
      return freeze(stage.home, ({ key }) => !scene.known.has(key));
    case 'stable release frozen':
      return freeze(stage.home, ({ says }) => says === scene.stable);
    case 'new release cut off': {
      const { port } = await serviceThat(stage.home, ({ key }) => !scene.known.has(key));
      const rule = ['INPUT', '-i', 'lo', '-p', 'tcp', '--dport', String(port), '-j', 'DROP'];
      execFileSync('iptables', ['-I', ...rule]);
      return () => void execFileSync('iptables', ['-D', ...rule]);
    }
    case 'disk full':
      return fillDisk(join(stage.home, 'filler'));
    case 'control plane':
    case 'worker':
      return stage.killControlPlane();
    case 'edge':
      return stage.killEdge();
    case 'edge for good':
      return killEdgeForGood(stage.home);
    case 'port taken': {
      const { hostname, port } = new URL(stage.url());
      await killEdgeForGood(stage.home);
      const giveBack = await takePort({ host: hostname, port: Number(port) });
      await wait(noticedMs);
      return giveBack();
    }
    case 'database':
      await killPostmaster(stage.home);
      return;
    case 'database backend':
      return killBackend(stage.home);
    case 'new release':
    case 'new release for good':
      return killService(stage.home, ({ key }) => !scene.known.has(key), victim.endsWith('for good'));
    case 'stable release':
    case 'stable release for good':
      return killService(stage.home, ({ says }) => says === scene.stable, victim.endsWith('for good'));
    case 'new release loses its port':
      return losePort(stage.home, ({ key }) => !scene.known.has(key));
    case 'stable release loses its port':
      return losePort(stage.home, ({ says }) => says === scene.stable);
  }
}

/** For as long as it takes everybody to notice. */
const noticedMs = 3_000;

async function killEdgeForGood(home: string): Promise<void> {
  const directory = join(home, 'processes');
  const runs = await createProcesses({ directory, nodePath: process.execPath }).list('edge/');
  const record = readRecord<{ pid: number }>(join(home, 'edge', 'edge.json'));
  for (const { key, state } of runs) {
    if (state.state !== 'running') continue;
    const keeper = readRecord<StoredState>(files.state(join(directory, directoryName(key))))!.keeper.pid;
    for (const pid of [keeper, state.pid]) process.kill(pid, 'SIGKILL');
  }
  // It ends by itself when its launcher is gone; here it may not end anything before that.
  if (record !== undefined && isAlive(record.pid)) process.kill(record.pid, 'SIGKILL');
}

/** Whoever connects is hung up on. Answers how it is given back. */
async function takePort(place: { host: string; port: number }): Promise<() => Promise<void>> {
  const stranger = createServer((socket) => socket.on('error', () => undefined).destroy());
  const isTaken = async () => {
    stranger.listen(place);
    return once(stranger, 'listening').then(
      () => true,
      () => false,
    );
  };
  await until(isTaken, 'the port to be taken', 10_000);
  return () => new Promise((resolve) => stranger.close(() => resolve()));
}

/** Its keeper sleeps until the stranger is there. */
async function losePort(home: string, isIt: (service: Service) => boolean): Promise<() => Promise<void>> {
  const { pid, keeper, port } = await serviceThat(home, isIt);
  process.kill(keeper, 'SIGSTOP');
  try {
    process.kill(pid, 'SIGKILL');
    return await takePort({ host: '127.0.0.1', port });
  } finally {
    process.kill(keeper, 'SIGCONT');
  }
}

/** PostgreSQL then ends all connections and recovers as after a crash. */
async function killBackend(home: string): Promise<void> {
  const server = await startEmbedded({ directory: join(home, 'postgres'), clock: createClock() });
  const [backend] = await query(
    server.url('postgres'),
    `select pid from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid() limit 1`,
  );
  process.kill(Number(backend!['pid']), 'SIGKILL');
}

export interface Service {
  readonly key: string;
  readonly pid: number;
  readonly keeper: number;
  readonly port: number;
  /** What it answers; `undefined` when it does not. */
  readonly says: string | undefined;
}

/** Services that run now. */
export async function servicesOf(home: string): Promise<readonly Service[]> {
  const directory = join(home, 'processes');
  const runs = await createProcesses({ directory, nodePath: process.execPath }).list('service/');
  const services = runs.map(async ({ key, state }): Promise<Service | undefined> => {
    if (state.state !== 'running') return undefined;
    const { pid, note } = state;
    const keeper = readRecord<StoredState>(files.state(join(directory, directoryName(key))))!.keeper.pid;
    return { key, pid, keeper, port: Number(note), says: await answerOf(`http://127.0.0.1:${note}/`) };
  });
  return (await Promise.all(services)).filter((service) => service !== undefined);
}

function serviceThat(home: string, isIt: (service: Service) => boolean): Promise<Service> {
  return until(async () => (await servicesOf(home)).find(isIt), 'the victim to run', 10_000);
}

/** What was ended meanwhile is not woken. */
async function freeze(home: string, isIt: (service: Service) => boolean): Promise<() => void> {
  const { pid } = await serviceThat(home, isIt);
  process.kill(pid, 'SIGSTOP');
  return () => {
    if (isAlive(pid)) process.kill(pid, 'SIGCONT');
  };
}

/** To the last byte, for as long as it takes everybody to notice. */
async function fillDisk(file: string): Promise<() => void> {
  const handle = await open(file, 'w');
  try {
    for (let size = 1 << 20; size >= 512; size >>= 1)
      while (
        await handle.write(Buffer.alloc(size, 1)).then(
          ({ bytesWritten }) => bytesWritten === size,
          () => false,
        )
      );
  } finally {
    await handle.close();
  }
  await wait(5_000);
  rmSync(file);
  return () => undefined;
}

async function killService(home: string, isIt: (service: Service) => boolean, withKeeper: boolean): Promise<void> {
  const found = await serviceThat(home, isIt);
  if (withKeeper) process.kill(found.keeper, 'SIGKILL');
  process.kill(found.pid, 'SIGKILL');
}

export async function answerOf(url: string): Promise<string | undefined> {
  try {
    const response = await fetch(url, { headers: { connection: 'close' }, signal: AbortSignal.timeout(5_000) });
    return response.ok ? await response.text() : undefined;
  } catch {
    return undefined;
  }
}

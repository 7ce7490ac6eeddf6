/**
 * Promotions settled per second: 100 projects of five environments each, chained by success. Whenever the first
 * environment of a project has nothing to do, a new release appears, as after a build; everything else is the engine's.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import type { EnvironmentKind } from '../src/domain/pipeline/environment.ts';
import { reconcile } from '../src/engine/promotion/reconcile.ts';
import type { World } from '../src/engine/world.ts';
import type { Figure, Measured } from './figures.ts';
import { cpuOfServer } from './memory.ts';
import { addProject, addRelease, chain, type BenchProject } from './projects.ts';
import { freshDatabase, inScratch } from './scratch.ts';
import { startWorld } from './world.ts';

const projects = 100;
const kinds: readonly EnvironmentKind[] = ['development', 'testing', 'qa', 'staging', 'production'];
const warmUpMs = 5_000;
const measuredMs = 25_000;
const feedEveryMs = 100;

/** `workers`: processes that carry out promotions, this one included. */
export function throughput(workers: number): Promise<Measured> {
  return inScratch(async (directory) => {
    const url = await freshDatabase(directory);
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    const running = await startWorld({ directory, url });
    const others = await Promise.all(Array.from({ length: workers - 1 }, () => startWorker(directory, url)));
    try {
      return await measure({ world: running.world, client, directory }, workers);
    } finally {
      await Promise.all(others.map((other) => other.stop()));
      await running.stop();
      await client.end();
    }
  });
}

async function measure(
  { world, client, directory }: { world: World; client: pg.Client; directory: string },
  workers: number,
): Promise<Measured> {
  const all: BenchProject[] = [];
  for (let number = 1; number <= projects; number++)
    all.push(await addProject(world, `project-${number}`, chain(kinds)));
  const feeding = new AbortController();
  const feeder = feed(world, client, { all, signal: feeding.signal });
  // Told below, where it is awaited: unheard it would end this process before its server is stopped.
  feeder.catch(() => feeding.abort());
  await world.clock.sleep(warmUpMs);
  const servers = await cpuOfServer(directory);
  const cpu = process.cpuUsage();
  const from = world.clock.now();
  await world.clock.sleep(measuredMs);
  const to = world.clock.now();
  const { user, system } = process.cpuUsage(cpu);
  const server = (await cpuOfServer(directory)) - servers;
  feeding.abort();
  const seconds = (to - from) / 1_000;
  const counts = await settled(client, { from, to });
  const succeeded = counts.get('succeeded') ?? 0;
  await feeder;
  return {
    setup: { projects, environments: projects * kinds.length, workers, seconds: Math.round(seconds) },
    figures: [
      {
        what: 'promotions succeeded per second',
        value: succeeded / seconds,
        unit: '',
        aim: { is: 'at least', value: 100 },
      },
      ...[...counts]
        .filter(([outcome]) => outcome !== 'succeeded')
        .map(([outcome, count]): Figure => ({
          what: `promotions ${outcome} per second`,
          value: count / seconds,
          unit: '',
        })),
      {
        what: 'CPU of this process for each promotion of all workers',
        value: (user + system) / 1_000 / succeeded,
        unit: 'ms',
      },
      { what: 'CPU of PostgreSQL for each promotion', value: server / succeeded, unit: 'ms' },
    ],
  };
}

/** Until told to stop, then until the last wish was written down. */
async function feed(
  world: World,
  client: pg.Client,
  { all, signal }: { all: readonly BenchProject[]; signal: AbortSignal },
): Promise<void> {
  const byEntry = new Map(all.map((project) => [project.environments[0]!.id as string, project]));
  const entries = [...byEntry.keys()];
  while (!signal.aborted) {
    const { rows } = await client.query<{ id: string }>({
      name: 'idle',
      text: `select id from unnest($1::text[]) as entry (id)
        where not exists (select from promotions p where p.environment_id = entry.id and p.state <> 'ended')`,
      values: [entries],
    });
    for (const { id } of rows) await push(world, byEntry.get(id)!);
    await world.clock.sleep(feedEveryMs, signal);
  }
}

async function push(world: World, project: BenchProject): Promise<void> {
  await world.store.transaction((tx) => addRelease(world, tx, project.id));
  await reconcile(world, project.environments[0]!.id);
}

async function settled(
  client: pg.Client,
  { from, to }: { from: number; to: number },
): Promise<ReadonlyMap<string, number>> {
  const { rows } = await client.query<{ outcome: string; count: number }>(
    `select outcome, count(*)::integer as count from promotions where ended_at >= $1 and ended_at < $2 group by outcome order by count desc`,
    [from, to],
  );
  return new Map(rows.map(({ outcome, count }) => [outcome, count]));
}

/** Another worker process on the same database. */
async function startWorker(directory: string, url: string): Promise<{ stop(): Promise<void> }> {
  const child = spawn(process.execPath, [fileURLToPath(new URL('./worker.ts', import.meta.url)), directory, url], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  return {
    async stop() {
      const exited = once(child, 'exit');
      child.stdin.end();
      await exited;
    },
  };
}

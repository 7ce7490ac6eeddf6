/** What Liftlock asks of an engine about containers. */
import { z } from 'zod';
import { Failure } from '../../../domain/base/failure.ts';
import type { Usage } from '../../../ports/processes.ts';
import type { Engine } from './engine.ts';
import { lastOfFrames } from './log-frames.ts';

const inspected = z.object({
  Id: z.string(),
  Name: z.string(),
  Created: z.string(),
  Image: z.string(),
  RestartCount: z.number(),
  State: z.object({
    Status: z.string(),
    Running: z.boolean(),
    Restarting: z.boolean(),
    OOMKilled: z.boolean(),
    Pid: z.number(),
    ExitCode: z.number(),
    Error: z.string(),
    StartedAt: z.string(),
    FinishedAt: z.string(),
    Health: z.object({ Status: z.string() }).nullish(),
  }),
  HostConfig: z.object({ RestartPolicy: z.object({ Name: z.string() }) }),
  Config: z.object({
    Env: z.array(z.string()).nullish(),
    Labels: z.record(z.string(), z.string()).nullish(),
  }),
});
export type Container = z.infer<typeof inspected>;

/** `undefined` when there is none of this id or name. */
export async function inspectContainer(engine: Engine, name: string): Promise<Container | undefined> {
  return engine.ask({ method: 'GET', path: `/containers/${name}/json` }, inspected).catch(unlessGone);
}

/** @throws Failure `docker/refused` for the reason NAME_TAKEN, `image/missing`. */
export async function createContainer(engine: Engine, name: string, config: object): Promise<void> {
  await engine.tell({ method: 'POST', path: '/containers/create', query: { name }, json: config, patienceMs: 120_000 });
}

/** One that runs already is left as it is. */
export async function startContainer(engine: Engine, name: string): Promise<void> {
  await engine.tell({ method: 'POST', path: `/containers/${name}/start`, also: [304], patienceMs: 120_000 });
}

/** Its engine does not start it again, whatever happens to either of them. */
export async function leaveStopped(engine: Engine, name: string): Promise<void> {
  await engine.tell({
    method: 'POST',
    path: `/containers/${name}/update`,
    json: { RestartPolicy: { Name: 'no' } },
    also: [404],
  });
}

/** SIGTERM (or the image's STOPSIGNAL), SIGKILL after the time; resolves when it has ended. One that is gone has ended. */
export async function stopContainer(engine: Engine, name: string, graceMs: number): Promise<void> {
  await engine.tell({
    method: 'POST',
    path: `/containers/${name}/stop`,
    query: { t: String(Math.ceil(graceMs / 1_000)) },
    also: [304, 404],
    patienceMs: graceMs + 60_000,
  });
}

/** With what belongs to it alone. Ends it when it runs. */
export async function removeContainer(engine: Engine, name: string): Promise<void> {
  await engine.tell({
    method: 'DELETE',
    path: `/containers/${name}`,
    query: { force: '1', v: '1' },
    also: [404, 409],
    patienceMs: 60_000,
  });
}

const listed = z.array(
  z.object({ Id: z.string(), Names: z.array(z.string()), Labels: z.record(z.string(), z.string()) }),
);

/** All that bear the labels, whether they run or not. */
export async function listContainers(
  engine: Engine,
  labels: Readonly<Record<string, string>>,
): Promise<readonly { readonly id: string; readonly labels: Readonly<Record<string, string>> }[]> {
  const wanted = Object.entries(labels).map(([name, value]) => `${name}=${value}`);
  const query = { all: '1', filters: JSON.stringify({ label: wanted }) };
  const found = await engine.ask({ method: 'GET', path: '/containers/json', query }, listed);
  return found.map(({ Id, Labels }) => ({ id: Id, labels: Labels }));
}

const mostTailBytes = 2 ** 20;
/** An engine counts lines and not bytes. */
const tailLines = '2000';

/** The end of what it wrote; empty when it is gone. */
export async function tailOf(engine: Engine, name: string, bytes: number): Promise<string> {
  const query = { stdout: '1', stderr: '1', tail: tailLines };
  const stream = await engine.open({ method: 'GET', path: `/containers/${name}/logs`, query }).catch(unlessGone);
  return stream === undefined ? '' : lastOfFrames(stream as AsyncIterable<Buffer>, Math.min(bytes, mostTailBytes));
}

const stats = z.object({
  cpu_stats: z.object({ cpu_usage: z.object({ total_usage: z.number() }) }),
  memory_stats: z.object({
    usage: z.number().optional(),
    stats: z.record(z.string(), z.number()).optional(),
  }),
  pids_stats: z.object({ current: z.number().optional() }).optional(),
});

/** Memory without the cache of files, which the kernel gives back when it needs it. `undefined` when it does not run. */
export async function usageOf(engine: Engine, name: string): Promise<Usage | undefined> {
  const query = { stream: 'false', 'one-shot': 'true' };
  const said = await engine.ask({ method: 'GET', path: `/containers/${name}/stats`, query }, stats).catch(unlessGone);
  if (said?.memory_stats.usage === undefined) return undefined;
  const { usage, stats: parts = {} } = said.memory_stats;
  const cache = parts['total_inactive_file'] ?? parts['inactive_file'] ?? 0;
  return {
    cpuMs: Math.round(said.cpu_stats.cpu_usage.total_usage / 1e6),
    residentBytes: Math.max(0, usage - cache),
    processes: said.pids_stats?.current ?? 0,
  };
}

function unlessGone(thrown: unknown): undefined {
  if (thrown instanceof Failure && thrown.reason === 'NO_CONTAINER') return undefined;
  throw thrown;
}

/** `Traffic` by our own edge: a process beside the control plane, kept alive by a keeper and told over loopback. */
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Failure } from '../../../domain/base/failure.ts';
import type { EnvironmentId } from '../../../domain/base/id.ts';
import { commandLine } from '../../../domain/base/shell.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { Processes } from '../../../ports/processes.ts';
import type { RouteState } from '../../../ports/traffic.ts';
import type { Leader } from '../choice.ts';
import { cookieKey } from '../cookie-key.ts';
import { compiledBefore } from '../../../system/compiled.ts';
import { cannotOpen } from '../listening.ts';
import { startUnlessRunning, urgent } from '../service.ts';
import { notKeptStatus } from './control.ts';
import { readRecord, type EdgeRecord } from './state-file.ts';

export interface EdgeParts {
  readonly processes: Processes;
  readonly clock: Clock;
  /** Of the edge alone: routes, its key, how it is reached. */
  readonly directory: string;
  readonly nodePath: string;
  /** An edge of another version is succeeded by one of ours. */
  readonly version: string;
}

const ownPath = fileURLToPath(import.meta.url);
const fileBeside = (name: string) => fileURLToPath(new URL(`./${name}${extname(ownPath)}`, import.meta.url));

const keyPrefix = 'edge/';
const startPatienceMs = 10_000;
const answerPatienceMs = 10_000;
const lookMs = 25;

export function createEdgeTraffic(parts: EdgeParts): Leader {
  let reaching: Promise<EdgeRecord> | undefined;
  const reach = (): Promise<EdgeRecord> => (reaching ??= findOrStart(parts).finally(() => (reaching = undefined)));
  const tell = async (call: Call): Promise<Told> => {
    const known = await readRecord(parts.directory);
    if (known !== undefined && known.version === parts.version) {
      const told = await tellOnce(known, call).catch(() => undefined);
      if (told !== undefined && told.status !== 401) return told;
    }
    return tellOnce(await reach(), call).catch((error: unknown) => {
      throw unreachable((error as Error).message);
    });
  };
  const inspect = async (environment: EnvironmentId): Promise<RouteState | undefined> => {
    if ((await readRecord(parts.directory)) === undefined) return undefined;
    const told = await tell({ method: 'GET', path: `/routes/${encodeURIComponent(environment)}` });
    return told.status === 200 ? (told.body as RouteState) : undefined;
  };
  return {
    prepare: async () => void (await reach()),
    async apply(route) {
      const told = await tell({ method: 'PUT', path: `/routes/${encodeURIComponent(route.environment)}`, body: route });
      if (told.status === 200) return;
      const { host, port } = route.listen;
      if (told.status === notKeptStatus) throw notKept(`leads the requests to ${host}:${port} as told`, told);
      const { code = '', message = '' } = told.body as { code?: string; message?: string };
      throw cannotOpen(route.listen, code, `${code} ${message}`.trim());
    },
    routeOf: async (environment) => (await inspect(environment))?.route,
    inspect,
    async remove(environment, graceMs) {
      if ((await readRecord(parts.directory)) === undefined) return;
      const told = await tell({
        method: 'DELETE',
        path: `/routes/${encodeURIComponent(environment)}?graceMs=${graceMs}`,
        patienceMs: graceMs + answerPatienceMs,
      });
      if (told.status === notKeptStatus) throw notKept('has closed the address', told);
    },
  };
}

/** The edge that runs, of our version; a new one when there is none. */
async function findOrStart(parts: EdgeParts): Promise<EdgeRecord> {
  const begin = parts.clock.now();
  await cookieKey(parts.directory);
  let asked = false;
  for (;;) {
    const record = await readRecord(parts.directory);
    const seen = record && (await healthOf(record));
    if (record !== undefined && seen === parts.version) return record;
    if (record !== undefined && seen !== undefined && !asked) {
      asked = true;
      await tellOnce(record, {
        method: 'POST',
        path: '/successor',
        body: { exec: fileBeside('worker'), version: parts.version },
      }).catch(() => undefined);
    }
    if (seen === undefined) await start(parts);
    if (parts.clock.now() - begin > startPatienceMs) throw unreachable('it did not start in time');
    await parts.clock.sleep(lookMs);
  }
}

async function start({ processes, directory, nodePath, version }: EdgeParts): Promise<void> {
  await startUnlessRunning(processes, keyPrefix, async () => ({
    command: `exec ${commandLine([nodePath, fileBeside('launcher'), directory, fileBeside('worker'), version])}`,
    directory: '/',
    environment: { NODE_OPTIONS: '--disable-warning=ExperimentalWarning', ...compiledBefore() },
    lifetime: urgent,
  }));
}

async function healthOf(record: EdgeRecord): Promise<string | undefined> {
  const told = await tellOnce(record, { method: 'GET', path: '/health', patienceMs: 1_000 }).catch(() => undefined);
  return told?.status === 200 ? (told.body as { version: string }).version : undefined;
}

interface Call {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  readonly patienceMs?: number;
}

interface Told {
  readonly status: number;
  readonly body: unknown;
}

async function tellOnce({ port, token }: EdgeRecord, { method, path, body, patienceMs }: Call): Promise<Told> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    method,
    headers: { Authorization: `Bearer ${token}` },
    signal: AbortSignal.timeout(patienceMs ?? answerPatienceMs),
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: await response.json() };
}

function notKept(what: string, { body }: Told): Failure {
  return new Failure(
    'traffic/not-kept',
    `the edge ${what}, but cannot keep that for when it is started again: ${(body as { message: string }).message}`,
    { hint: 'Make room where Liftlock keeps its data: the edge tries again by itself.' },
  );
}

function unreachable(why: string): Failure {
  return new Failure('traffic/unreachable', `the edge cannot be told what to do: ${why}`, {
    hint: 'It is started again by itself; `liftlock logs edge` shows what it wrote.',
  });
}

import { mkdir } from 'node:fs/promises';
import type { Clock } from '../../../ports/clock.ts';
import { Failure } from '../../../domain/base/failure.ts';
import { ensureCluster, openCluster, type Cluster } from './cluster.ts';
import { explainFileError, explainServerLog } from './explain.ts';
import { exclusively } from './exclusive.ts';
import { choosePort, rememberPort } from './port.ts';
import { findPostmaster, launchPostmaster, stopPostmaster, type Postmaster } from './postmaster.ts';
import { findRuntime, usableRuntime, type Runtime } from './runtime.ts';

export interface EmbeddedOptions {
  /** Everything of the server lives here; created when missing. */
  readonly directory: string;
  readonly clock: Clock;
  /** Listen on this port or fail. Without it the port of last time is preferred, and another one taken when it is busy. */
  readonly port?: number;
}

/** A running PostgreSQL of ours. It outlives this process; `stop` is the only thing that ends it. */
export interface EmbeddedServer {
  readonly port: number;
  readonly pid: number;
  /** True when it was found running instead of started by this call. */
  readonly adopted: boolean;
  /** Connection URL of one database for the superuser `liftlock`; the database need not exist yet. */
  url(database: string): string;
  /** Fast shutdown, then immediate shutdown. Ends whatever server runs on the directory by then. Idempotent. */
  stop(): Promise<void>;
}

/** How long a start is repeated while something of a crashed server still holds the data directory. */
const crashPatienceMs = 10_000;

/** Crash recovery replays at most a few hundred megabytes; a slow disk may need this long. */
const recoveryPatienceMs = 120_000;

const pollMs = 10;
const retryMs = 100;

/**
 * Adopts the PostgreSQL server of `directory`, or starts it, or makes it first. When several processes
 * ask at once, one of them does it and the others adopt.
 *
 * @throws Failure `database/unsupported` (this platform, or data of another major version),
 * `server/port-taken` (only with `port`), `database/failed` (disk full, no permission, damaged directory),
 * `database/unreachable` (still recovering, or leftovers of a crash did not go away).
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<EmbeddedServer> {
  const packaged = findRuntime(`${process.platform}-${process.arch}`);
  try {
    await mkdir(options.directory, { recursive: true, mode: 0o700 });
    return await exclusively(options.directory, options.clock, async () => {
      await ensureCluster(options.directory, packaged);
      const cluster = await openCluster(options.directory, packaged);
      const running = await adoptOrLaunch({ ...options, cluster, packaged });
      await rememberPort(options.directory, running.postmaster.port);
      return describe({ cluster, ...running }, options.clock);
    });
  } catch (error) {
    throw explainFileError(error, options.directory);
  }
}

interface Start extends EmbeddedOptions {
  readonly cluster: Cluster;
  readonly packaged: Runtime;
}

interface Running {
  readonly postmaster: Postmaster;
  readonly adopted: boolean;
}

async function adoptOrLaunch(start: Start): Promise<Running> {
  const { cluster, clock } = start;
  const busyPorts = new Set<number>();
  let troubleSince: number | undefined;
  for (;;) {
    const found = await findPostmaster(cluster);
    if (found !== undefined) {
      const ready = await settle(found, start);
      if (ready !== undefined) return { postmaster: ready, adopted: true };
      continue;
    }
    const port = start.port ?? (await choosePort(start.directory, busyPorts));
    const launched = await launch(start, port);
    if (typeof launched !== 'string') return { postmaster: launched, adopted: false };
    const { failure, passes } = explainServerLog(launched, { port, logFile: cluster.logFile });
    const otherPortHelps = failure.code === 'server/port-taken' && start.port === undefined;
    troubleSince ??= clock.now();
    if (!(passes || otherPortHelps) || clock.now() - troubleSince > crashPatienceMs) throw failure;
    if (otherPortHelps) busyPorts.add(port);
    await clock.sleep(retryMs);
  }
}

/** The server once it is ready, or the words it ended with. */
async function launch(start: Start, port: number): Promise<Postmaster | string> {
  const { cluster } = start;
  const runtime = await usableRuntime(start.packaged, { directory: start.directory, account: cluster.account });
  const child = await launchPostmaster(cluster, { runtime, port });
  for (;;) {
    const ended = await Promise.race([child.ended, start.clock.sleep(pollMs)]);
    if (ended !== undefined) return ended;
    const found = await findPostmaster(cluster);
    if (found === undefined || found.pid !== child.pid) continue;
    return (await settle(found, start)) ?? (await child.ended);
  }
}

/** Waits until a server that lives is ready; `undefined` when it ended instead. */
async function settle(first: Postmaster, start: Start): Promise<Postmaster | undefined> {
  const deadline = start.clock.now() + recoveryPatienceMs;
  let seen: Postmaster | undefined = first;
  while (seen !== undefined && seen.pid === first.pid) {
    if (seen.status === 'ready') return seen;
    if (start.clock.now() > deadline) throw stillRecovering(seen, start.cluster);
    await start.clock.sleep(pollMs);
    seen = await findPostmaster(start.cluster);
  }
  return undefined;
}

function stillRecovering(seen: Postmaster, cluster: Cluster): Failure {
  return new Failure(
    'database/unreachable',
    `the embedded PostgreSQL (process ${seen.pid}) has been ${seen.status} for ${recoveryPatienceMs / 1000} s and does not accept connections yet`,
    { hint: `It may be replaying its log after a crash: start again in a while, and look at ${cluster.logFile}.` },
  );
}

function describe(
  { cluster, postmaster, adopted }: Running & { readonly cluster: Cluster },
  clock: Clock,
): EmbeddedServer {
  return {
    port: postmaster.port,
    pid: postmaster.pid,
    adopted,
    url: (database) =>
      `postgresql://${cluster.superuser}:${cluster.password}@127.0.0.1:${postmaster.port}/${encodeURIComponent(database)}`,
    stop: () => stopPostmaster(cluster, clock),
  };
}

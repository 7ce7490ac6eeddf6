/** Starts and stops a control plane. With `main/`, which assembles its parts, the only place that knows every part. */
import { createHmac, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createClock } from './adapters/clock/system.ts';
import { createJobs } from './adapters/jobs/dbos.ts';
import { createLog } from './adapters/log/log.ts';
import { createMachine } from './adapters/machine/machine.ts';
import { openNotary } from './adapters/notary/notary.ts';
import { createCiIdentities } from './adapters/oidc/ci-identities.ts';
import type { ProviderOptions } from './adapters/oidc/provider.ts';
import { startEmbedded } from './adapters/postgres/embedded/start-embedded.ts';
import { openStore } from './adapters/postgres/store.ts';
import { createProcesses } from './adapters/processes/processes.ts';
import { aboutEngine, type AboutEngine } from './adapters/targets/docker/about-engine.ts';
import { createEngine } from './adapters/targets/docker/engine.ts';
import { removeTree } from './adapters/workspaces/remove-tree.ts';
import { startServer } from './api/server.ts';
import { makeId, type ReplicaId } from './domain/base/id.ts';
import type { LogLevel } from './domain/pipeline/environment.ts';
import { begin, type First, type Operator } from './engine/access/first-person.ts';
import { announceKey } from './engine/audit/installation-key.ts';
import { startReplica, usualPace, type Replica } from './engine/replica.ts';
import { startNotifier, type Notifier } from './engine/notification/notifier.ts';
import { startSequencer, type Sequencer } from './engine/audit/sequence.ts';
import type { World } from './engine/world.ts';
import type { IdentityProvider } from './ports/identities.ts';
import {
  homeAt,
  prepareHome,
  readTokenFile,
  removeServerRecord,
  secretFile,
  writeServerRecord,
  writeTokenFile,
  type Home,
} from './host/home.ts';
import { assemble } from './main/assemble.ts';
import { containersOf, containersOfHome, keySeedFile } from './main/containers.ts';
import { hasServices, stopServices } from './main/services.ts';
import { openStorage, type Storage } from './main/storage.ts';

export interface StartOptions {
  readonly homeDirectory: string;
  /** `serve` answers the API, `work` carries out; `up` does both. */
  readonly roles: { readonly serve: boolean; readonly work: boolean };
  readonly listen: { readonly host: string; readonly port: number };
  /** An external PostgreSQL; the embedded one when absent. */
  readonly databaseUrl: string | undefined;
  readonly logLevel: LogLevel;
  /** Where a proxy with TLS answers for the server. */
  readonly publicUrl?: URL | undefined;
  /** The OpenID provider at which people sign in. */
  readonly oidc?: Omit<ProviderOptions, 'outgoing'> | undefined;
  /** Hosts inside this network that may be asked all the same; see `Outgoing`. */
  readonly allowHosts?: readonly string[];
  /** As Docker's own tools read DOCKER_HOST; the usual socket when absent. */
  readonly dockerHost?: string | undefined;
  /** More variables for commands of projects, before those of this process. */
  readonly variables?: Readonly<Record<string, string>>;
  /** Whose installation it is: the first person of an empty database, and the owner of the home's token. Nobody's when absent. */
  readonly operator?: Operator;
  /** Where the built console lies; beside this program when absent. */
  readonly consoleDirectory?: string | undefined;
  /** Told of what a person at the terminal may want to know while it starts. */
  readonly onProgress?: (what: string) => void;
}

export interface ControlPlane {
  readonly url: string | undefined;
  /** Of the operator; there is none where a server is run for others. */
  readonly tokenFile: string;
  /** Signs the first administrator in, once: of the start that made him. */
  readonly firstSignIn: { readonly handle: string; readonly link: string } | undefined;
  /** Services go on serving. The embedded database goes on too while `keepDatabase` says so. */
  stop(options: { keepDatabase: boolean }): Promise<void>;
  /** Resolves after `stop`; rejects when this process must not go on (see `Replica.ended`). */
  readonly ended: Promise<void>;
  /** True while services of environments run from this home. */
  hasServices(): Promise<boolean>;
  /** Ends every service that runs from this home. */
  stopServices(): Promise<void>;
}

export async function startControlPlane(options: StartOptions): Promise<ControlPlane> {
  const home = homeAt(options.homeDirectory);
  const clock = createClock();
  const log = createLog({ level: options.logLevel });
  const progress = options.onProgress ?? (() => undefined);
  await prepareHome(home);
  const [keySeed, version] = await Promise.all([secretFile(keySeedFile(home.directory)), readVersion()]);
  const storage = await openStorage({ home, databaseUrl: options.databaseUrl, clock, log, progress });
  try {
    return await startOn(storage, { options, home, clock, log, keySeed, version });
  } catch (error) {
    await storage.close({ keepDatabase: storage.adopted });
    throw error;
  }
}

/** @throws Failure with nothing left behind but what `storage` holds. */
async function startOn(
  storage: Storage,
  {
    options,
    home,
    clock,
    log,
    keySeed,
    version,
  }: {
    options: StartOptions;
    home: Home;
    clock: World['clock'];
    log: World['log'];
    keySeed: string;
    version: string;
  },
): Promise<ControlPlane> {
  const replica = makeId('rpl', clock.now(), randomBytes(10)) as ReplicaId;
  const jobs = await createJobs({ url: storage.url, replica, concurrency: { deploy: 32, build: 2 }, log });
  const store = await openStore({
    url: storage.url,
    migrationsDirectory: fileURLToPath(new URL('../migrations', import.meta.url)),
    log,
    enqueueWith: jobs.enqueueOn,
    sealKey: createHmac('sha256', keySeed).update('seal').digest(),
  });
  const containers = containersOf(keySeed, options.dockerHost);
  const world: World = assemble({
    home,
    clock,
    log,
    storage,
    store,
    jobs,
    replica,
    keySeed,
    version,
    evidenceSeed: await secretFile(home.evidenceKeyFile),
    variables: options.variables ?? {},
    allowHosts: options.allowHosts ?? [],
    dockerHost: options.dockerHost,
  });
  const notary = await openNotary({ keyFile: home.auditKeyFile, lastSignedFile: home.auditCheckpointFile });
  const audit = { audit: store.audit, notary };
  let sequencer: Sequencer | undefined;
  let notifier: Notifier | undefined;
  const end = async (worker: Replica | undefined): Promise<void> => {
    await worker?.stop();
    await notifier?.stop();
    await sequencer?.stop();
    if (worker === undefined) await jobs.stop();
    await store.close();
  };
  await announceKey(world).catch(async (error: unknown) => {
    await end(undefined);
    throw error;
  });
  // The address first: when it is taken, nothing has begun to work.
  const server = options.roles.serve
    ? await startServer({
        world,
        feed: store.events,
        audit,
        listen: options.listen,
        log,
        version,
        publicUrl: options.publicUrl,
        provider: options.oidc && (await providerOf(options.oidc, world)),
        ciIdentities: createCiIdentities(world.outgoing),
        machine: createMachine({ home: home.directory, isEmbedded: options.databaseUrl === undefined }),
        consoleDirectory: options.consoleDirectory ?? consoleDirectory(),
      }).catch(async (error: unknown) => {
        await end(undefined);
        throw error;
      })
    : undefined;
  const first = server === undefined ? undefined : await openDoor(world, home, options);
  const worker = options.roles.work ? await startReplica(world, jobs, { version, pace: usualPace }) : undefined;
  if (options.roles.work) {
    sequencer = startSequencer({ world, ...audit });
    notifier = startNotifier(world, store.events);
  }
  if (server !== undefined) await writeServerRecord(home, { url: server.url, pid: process.pid, version });
  let finish = (): void => undefined;
  const stopped = new Promise<void>((resolve) => (finish = resolve));
  return {
    url: server?.url,
    tokenFile: home.tokenFile,
    firstSignIn: first && {
      handle: first.person.handle,
      link: `${options.publicUrl?.origin ?? server!.url}/sign-in#${first.link.code}`,
    },
    ended: worker === undefined ? stopped : Promise.race([stopped, worker.ended.then(() => stopped)]),
    hasServices: () => hasServices({ processes: world.processes, containers }),
    stopServices: async () => void (await stopServices({ processes: world.processes, containers })),
    async stop({ keepDatabase }) {
      await server?.stop();
      if (server !== undefined) await removeServerRecord(home);
      await end(worker);
      await storage.close({ keepDatabase });
      finish();
    },
  };
}

/** Loaded only where there is one. */
async function providerOf(options: NonNullable<StartOptions['oidc']>, { outgoing }: World): Promise<IdentityProvider> {
  const { createIdentityProvider } = await import('./adapters/oidc/provider.ts');
  return createIdentityProvider({ ...options, outgoing });
}

/** On an empty database there is nobody yet who could sign in. */
async function openDoor(world: World, home: Home, options: StartOptions): Promise<First | undefined> {
  return begin(world, {
    operator: options.operator,
    token: await readTokenFile(home),
    owned: options.databaseUrl === undefined,
    keep: (token) => writeTokenFile(home, token),
  });
}

/** What the Docker engine of this machine says about itself. @throws Failure when nobody answers, or may. */
export function dockerEngine(dockerHost: string | undefined): Promise<AboutEngine> {
  return aboutEngine(createEngine({ dockerHost }));
}

/** Ends services and the embedded database of a home whose control plane is gone. Answers how many services ran. */
export async function stopWhatIsLeft(homeDirectory: string, dockerHost?: string): Promise<number> {
  const home = homeAt(homeDirectory);
  const stopped = await stopServices({
    processes: createProcesses({ directory: home.processes, nodePath: process.execPath }),
    containers: await containersOfHome(homeDirectory, dockerHost),
  });
  if (existsSync(home.postgres)) await (await startEmbedded({ directory: home.postgres, clock: createClock() })).stop();
  return stopped;
}

/** Removes what Liftlock keeps in a home, and nothing else that may lie there; the directory too when it is empty then. Nothing of it may run. */
export async function removeHome(homeDirectory: string, dockerHost?: string): Promise<void> {
  await (await containersOfHome(homeDirectory, dockerHost)).removeAll();
  const { directory, ...parts } = homeAt(homeDirectory);
  const own = [...Object.values(parts), keySeedFile(directory), join(directory, '.gitignore')];
  for (const path of own) await removeTree(path);
  await rmdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOTEMPTY' && error.code !== 'ENOENT') throw error;
  });
}

async function readVersion(): Promise<string> {
  const file = fileURLToPath(new URL('../package.json', import.meta.url));
  return (JSON.parse(await readFile(file, 'utf8')) as { version: string }).version;
}

/** Beside what was compiled, in the package; in a checkout, where a build put it. */
function consoleDirectory(): string {
  return fileURLToPath(new URL(import.meta.url.endsWith('.ts') ? '../dist/console' : './console', import.meta.url));
}

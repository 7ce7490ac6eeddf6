/** Running a control plane in this process: starting it, saying where it is, and ending it when told. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { OidcConfig } from '../config.ts';
import { Failure } from '../domain/base/failure.ts';
import { homeAt, homeName, readServerRecord } from '../host/home.ts';
import { isAlive } from '../system/alive.ts';
import type { ControlPlane, StartOptions } from '../main.ts';
import { firstToTry, keepPort, lastToTry } from './api-port.ts';
import type { Invocation } from './invocation.ts';
import { goOnUnheard } from './unheard.ts';

/** A control plane, and what a signal said that came while it started. */
interface Launched extends ControlPlane {
  readonly told: Promise<number>;
}

/** What has begun to start is ended cleanly too, so Ctrl-C waits for it: otherwise the database would be left running. */
export async function launch(
  { config, options, output }: Invocation,
  wish: Pick<StartOptions, 'homeDirectory' | 'roles'> & Partial<Pick<StartOptions, 'variables' | 'operator'>>,
): Promise<Launched> {
  await refuseSecond(wish);
  goOnUnheard();
  let hasStarted = false;
  const told = signalled(() => {
    if (!hasStarted) output.progress('stopping as soon as it has started; Ctrl-C again ends at once');
  });
  const { startControlPlane } = await import('../main.ts');
  const asked = options['port'] === undefined ? undefined : Number(options['port']);
  const host = typeof options['host'] === 'string' ? options['host'] : '127.0.0.1';
  const home = homeAt(wish.homeDirectory);
  for (let port = asked ?? (await firstToTry(host, home)); ; port++) {
    try {
      const controlPlane = await startControlPlane({
        ...wish,
        listen: { host, port },
        databaseUrl: config.databaseUrl,
        logLevel: config.logLevel,
        allowHosts: config.allowHosts,
        dockerHost: config.dockerHost,
        publicUrl: publicUrlOf(config.publicUrl),
        oidc: await oidcOf(config.oidc),
        onProgress: (what) => output.progress(what),
      });
      if (asked === undefined && controlPlane.url !== undefined) await keepPort(home, port);
      hasStarted = true;
      return { ...controlPlane, told };
    } catch (thrown) {
      const taken = thrown instanceof Failure && thrown.code === 'server/port-taken';
      if (!taken || asked !== undefined || port > lastToTry) throw thrown;
    }
  }
}

/** The home of one of several processes that share a database. @throws Failure `input/invalid` when no database is named. */
export function homeOfMany({ config, options, directory }: Invocation): string {
  if (config.databaseUrl === undefined)
    throw new Failure('input/invalid', '`serve` and `worker` share a database, and none is named', {
      hint: 'set DATABASE_URL, or use `liftlock up` for one machine',
    });
  const asked = typeof options['home'] === 'string' ? options['home'] : (config.home ?? homeName);
  return path.resolve(directory, asked);
}

/** @throws Failure `input/invalid`: cookies and links are made for this address, so it must be one. */
function publicUrlOf(text: string | undefined): URL | undefined {
  if (text === undefined) return undefined;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'https:' && url.pathname === '/') return url;
  throw new Failure('input/invalid', `LIFTLOCK_PUBLIC_URL=${text} is not the address of a server with TLS`, {
    hint: 'LIFTLOCK_PUBLIC_URL=https://liftlock.example.org',
  });
}

/** @throws Failure `input/invalid` for a file that is not there. */
async function oidcOf(oidc: OidcConfig | undefined): Promise<StartOptions['oidc']> {
  if (oidc === undefined) return undefined;
  const { clientSecretFile: file, clientSecret, ...rest } = oidc;
  if (file === undefined) return { ...rest, clientSecret };
  const secret = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new Failure('input/invalid', `LIFTLOCK_OIDC_CLIENT_SECRET_FILE=${file} cannot be read`, { cause });
  });
  return { ...rest, clientSecret: secret.trim() };
}

/** Waits for Ctrl-C, SIGTERM or the end of the control plane; ends it cleanly. A second Ctrl-C ends at once. `farewell` is for when services go on. */
export async function untilTold({ output }: Invocation, controlPlane: Launched, farewell: string): Promise<number> {
  const told = await Promise.race([controlPlane.told, controlPlane.ended.then(() => 0)]);
  output.progress('stopping');
  const services = await controlPlane.hasServices();
  await controlPlane.stop({ keepDatabase: services });
  output.progress(services ? farewell : 'stopped');
  return told;
}

/** 0 after SIGTERM, 130 after Ctrl-C. */
function signalled(heard: () => void): Promise<number> {
  return new Promise((resolve) => {
    const hear = (code: number) => (): void => {
      process.once('SIGINT', () => process.exit(130));
      heard();
      resolve(code);
    };
    process.once('SIGINT', hear(130));
    process.once('SIGTERM', hear(0));
  });
}

/** One control plane from one home: two would start each environment's services twice. */
async function refuseSecond({ homeDirectory, roles }: Pick<StartOptions, 'homeDirectory' | 'roles'>): Promise<void> {
  const record = roles.serve ? await readServerRecord(homeAt(homeDirectory)) : undefined;
  if (record === undefined || !isAlive(record.pid) || !(await answers(record.url))) return;
  throw new Failure(
    'server/already-running',
    `a control plane already runs from ${homeDirectory}: ${record.url} (pid ${record.pid})`,
    { hint: 'liftlock status, or liftlock down' },
  );
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/livez`, { signal: AbortSignal.timeout(2_000) })).ok;
  } catch {
    return false;
  }
}

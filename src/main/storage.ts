/** The database of a control plane: the one that it is given, or the embedded one, kept alive. */
import { keepAlive } from '../adapters/postgres/embedded/keep-alive.ts';
import { startEmbedded } from '../adapters/postgres/embedded/start-embedded.ts';
import { ensureDatabase } from '../adapters/postgres/ensure-database.ts';
import { Failure } from '../domain/base/failure.ts';
import type { World } from '../engine/world.ts';
import type { Home } from '../host/home.ts';

const database = 'liftlock';

export interface Storage {
  readonly url: string;
  /** As environments are to connect. Services whose client wants TLS unless told otherwise are told that there is none. */
  readonly environmentsUrl: string;
  /** True when the server ran before we came, and so is not ours to end when we fail. */
  readonly adopted: boolean;
  close(options: { keepDatabase: boolean }): Promise<void>;
}

export async function openStorage(parts: {
  home: Home;
  databaseUrl: string | undefined;
  clock: World['clock'];
  log: World['log'];
  progress: (what: string) => void;
}): Promise<Storage> {
  const { home, clock, log } = parts;
  if (parts.databaseUrl !== undefined) {
    parts.progress(`using the PostgreSQL that DATABASE_URL names: ${placeOf(parts.databaseUrl)}`);
    return {
      url: parts.databaseUrl,
      environmentsUrl: parts.databaseUrl,
      adopted: true,
      close: () => Promise.resolve(),
    };
  }
  parts.progress('starting the embedded PostgreSQL');
  const options = { directory: home.postgres, clock };
  const server = await startEmbedded(options);
  await ensureDatabase(server.url('postgres'), database);
  const watching = new AbortController();
  const watch = keepAlive(server, { ...options, signal: watching.signal }, (event) => {
    if (event.kind === 'restarted') log.warn('the embedded PostgreSQL had died and runs again');
    else if (event.kind === 'died') log.warn('the embedded PostgreSQL died', { pid: event.pid });
    else log.error('the embedded PostgreSQL cannot be started', { reason: event.failure.message });
  });
  return {
    url: server.url(database),
    environmentsUrl: `${server.url(database)}?sslmode=disable`,
    adopted: server.adopted,
    async close({ keepDatabase }) {
      watching.abort();
      await watch;
      if (!keepDatabase) await server.stop();
    },
  };
}

/** Host and database of a connection URL, which may hold a password. */
function placeOf(url: string): string {
  if (!URL.canParse(url))
    throw new Failure('input/invalid', 'DATABASE_URL is not a URL', {
      hint: 'postgresql://user:password@host:5432/database',
    });
  const { host, pathname } = new URL(url);
  return `${host}${pathname}`;
}

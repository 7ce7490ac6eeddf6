import { asFailure, type Failure } from '../../../domain/base/failure.ts';
import { openCluster } from './cluster.ts';
import { rotateOpenLog } from './log-file.ts';
import { isPostmaster } from './postmaster.ts';
import { findRuntime } from './runtime.ts';
import { startEmbedded, type EmbeddedOptions, type EmbeddedServer } from './start-embedded.ts';

export type EmbeddedEvent =
  /** The server's first process is gone; a restart follows at once. */
  | { readonly kind: 'died'; readonly pid: number }
  /** It runs again, on the same port: every URL that was handed out still holds. */
  | { readonly kind: 'restarted'; readonly server: EmbeddedServer }
  /** A restart failed and is tried again after a pause that grows to 10 s. */
  | { readonly kind: 'failed'; readonly failure: Failure };

const lookEveryMs = 100;
const logLookEveryMs = 60_000;
const firstPauseMs = 500;
const longestPauseMs = 10_000;

/**
 * Watches the server until `signal` aborts, then resolves; the server itself is left running. Restarts it
 * when its first process died, whoever else may be doing the same. Never rejects because of the server.
 */
export async function keepAlive(
  first: EmbeddedServer,
  options: EmbeddedOptions & { readonly signal: AbortSignal },
  onEvent: (event: EmbeddedEvent) => void,
): Promise<void> {
  const { clock, signal, directory } = options;
  const { id, logFile } = await openCluster(directory, findRuntime(`${process.platform}-${process.arch}`));
  let server = first;
  let logSeenAt = clock.now();
  while (!signal.aborted) {
    if (!(await isPostmaster(server.pid, id))) {
      if (signal.aborted) return;
      onEvent({ kind: 'died', pid: server.pid });
      server = await restart(server, options, onEvent);
    }
    if (clock.now() - logSeenAt > logLookEveryMs) {
      logSeenAt = clock.now();
      await rotateOpenLog(logFile).catch(() => undefined);
    }
    await clock.sleep(lookEveryMs, signal);
  }
}

/** The server that runs afterwards; the old one when told to end before it came back. */
async function restart(
  dead: EmbeddedServer,
  options: EmbeddedOptions & { readonly signal: AbortSignal },
  onEvent: (event: EmbeddedEvent) => void,
): Promise<EmbeddedServer> {
  let pause = firstPauseMs;
  while (!options.signal.aborted) {
    try {
      const server = await startEmbedded({ directory: options.directory, clock: options.clock, port: dead.port });
      onEvent({ kind: 'restarted', server });
      return server;
    } catch (error) {
      onEvent({ kind: 'failed', failure: asFailure(error) });
    }
    await options.clock.sleep(pause, options.signal);
    pause = Math.min(pause * 2, longestPauseMs);
  }
  return dead;
}

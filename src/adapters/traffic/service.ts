/** A program that leads requests or counts them, under a keeper: runs of a prefix, numbered on with every start. */
import type { CommandSpec, Processes, ServiceLifetime } from '../../ports/processes.ts';

/** Felt by users while it is down. */
export const urgent: ServiceLifetime = {
  kind: 'service',
  logFileBytes: 2 ** 20,
  logFiles: 3,
  restartMinMs: 100,
  restartMaxMs: 5_000,
};

/**
 * Answers the key of the one that runs, or waits to be started again by its keeper. Many may ask at once: whoever sees the same runs
 * asks for the same key, so that one is started.
 */
export async function startUnlessRunning(
  processes: Processes,
  prefix: string,
  describe: () => Promise<Omit<CommandSpec, 'key'>>,
): Promise<string> {
  const runs = await processes.list(prefix);
  const running = runs.find(({ state }) => state.state === 'running');
  if (running !== undefined) return running.key;
  const newest = Math.max(0, ...runs.map(({ key }) => Number(key.slice(prefix.length))));
  const key = `${prefix}${newest + 1}`;
  await processes.start({ key, ...(await describe()) });
  for (const run of runs) await processes.forget(run.key).catch(() => undefined);
  return key;
}

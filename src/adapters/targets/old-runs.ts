import type { Processes, RunState } from '../../ports/processes.ts';

/** The logs of so many deployments of an environment are kept, the present one included. */
const kept = 3;

/** Forgets all but the newest ended runs. Only cleaning: what cannot be removed now is tried again with the next deployment. */
export async function forgetOldRuns(
  processes: Processes,
  prefix: string,
  belongs: (key: string) => boolean,
): Promise<void> {
  const runs = (await processes.list(prefix).catch(() => [])).filter(({ key }) => belongs(key));
  const old = runs.sort((left, right) => startOf(right.state) - startOf(left.state)).slice(kept);
  const ended = old.filter(({ state }) => state.state !== 'running');
  await Promise.allSettled(ended.map(({ key }) => processes.forget(key)));
}

function startOf(state: RunState): number {
  return state.state === 'absent' ? 0 : state.startedAt;
}

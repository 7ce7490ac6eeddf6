import type { RunState } from '../../ports/processes.ts';

/** The logs of so many deployments of an environment are kept, the present one included. */
const kept = 3;

export interface OldRun {
  readonly key: string;
  readonly deployment: string;
  readonly state: RunState;
}

/** Forgets the ended runs of all but the newest deployments. Only cleaning: what cannot be removed now is tried again with the next one. */
export async function forgetOldRuns(
  list: () => Promise<readonly OldRun[]>,
  forget: (key: string) => Promise<void>,
): Promise<void> {
  const runs = await list().catch(() => []);
  const newestFirst = runs.toSorted((left, right) => startOf(right.state) - startOf(left.state));
  const keep = [...new Set(newestFirst.map(({ deployment }) => deployment))].slice(0, kept);
  const old = runs.filter(({ deployment, state }) => !keep.includes(deployment) && state.state !== 'running');
  await Promise.allSettled(old.map(({ key }) => forget(key)));
}

function startOf(state: RunState): number {
  return state.state === 'absent' ? 0 : state.startedAt;
}

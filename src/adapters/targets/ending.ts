import type { RunState } from '../../ports/processes.ts';

type Ended = Extract<RunState, { state: 'exited' | 'lost' }>;

/** How a run ended, to follow its name: `exited with 1 after 0.3 s`. */
export function ending(state: Ended): string {
  if (state.state === 'lost') return `was lost: ${state.reason}`;
  const after = `after ${seconds(state.endedAt - state.startedAt)}`;
  switch (state.cause) {
    case 'timeout':
      return `ran longer than it may and was ended ${after}`;
    case 'output-limit':
      return `wrote more output than it may and was ended ${after}`;
    case 'stopped':
      return `was stopped ${after}`;
    case 'not-started':
      return 'could not be started';
    case 'exited':
      return state.signal === null ? `exited with ${state.exitCode} ${after}` : `was ended by ${state.signal} ${after}`;
  }
}

/** Follows a sentence about the deaths of a service. */
export function lastDeath(state: RunState): string {
  if (state.state !== 'running' || state.lastDeath === undefined) return '';
  return ', the last time because it needed more memory than it may have';
}

export function seconds(milliseconds: number): string {
  return `${(Math.max(0, milliseconds) / 1_000).toFixed(1)} s`;
}

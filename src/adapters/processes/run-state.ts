import type { Instant } from '../../domain/base/time.ts';
import type { RunState } from '../../ports/processes.ts';
import { groupLives } from './group.ts';
import { readForgotten } from './forgotten.ts';
import { bootId, lives } from './identity.ts';
import { files, readRecord } from './record.ts';
import type { StoredExit, StoredState } from './record.ts';

/** Of a service that keeps dying the longest pause before a restart goes into this many times. */
const recentMs = 600_000;

/** Tells how a run stands from what is on disk and which processes live. */
export function readRun(run: string): RunState {
  try {
    return judge(run);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return { state: 'lost', startedAt: 0 as Instant, reason: `its record in ${run} cannot be read: ${error.message}` };
  }
}

function judge(run: string): RunState {
  const state = readRecord<StoredState>(files.state(run));
  if (state === undefined) return readForgotten(run) ?? { state: 'absent' };
  // The order matters: a keeper that is seen dead has written its last, so only then is a missing end final.
  const alive = lives(state.keeper) || (state.command !== undefined && groupLives(state.command));
  const exit = readRecord<StoredExit>(files.exit(run));
  if (exit !== undefined) return exited(exit);
  return alive ? running(state) : lost(state);
}

function exited(exit: StoredExit): RunState {
  const { exitCode, signal, cause } = exit;
  return {
    state: 'exited',
    startedAt: exit.startedAt as Instant,
    endedAt: exit.endedAt as Instant,
    exitCode,
    signal,
    cause,
  };
}

/**
 * While a service is down there is no command to name, so `pid` is its keeper's. That it is down is
 * looked at, not only read: on a full disk the keeper cannot store it.
 */
function running({ kind, startedAt, keeper, command, restarts, note, lastDeath, deaths = [] }: StoredState): RunState {
  const down = kind === 'service' && (command === undefined || !groupLives(command));
  const pid = down ? keeper.pid : (command ?? keeper).pid;
  const died = deaths.at(-1);
  return {
    state: 'running',
    startedAt: startedAt as Instant,
    pid,
    restarts,
    recentDeaths: deaths.filter((at) => Date.now() - at < recentMs).length,
    down,
    ...(died === undefined ? {} : { begunAgainAt: died as Instant }),
    ...(lastDeath === undefined ? {} : { lastDeath }),
    ...(note === undefined ? {} : { note }),
  };
}

function lost(state: StoredState): RunState {
  const reason =
    state.keeper.boot === bootId()
      ? `its keeper (process ${state.keeper.pid}) and its command are gone without a word about the outcome`
      : 'the machine was restarted while it ran';
  return { state: 'lost', startedAt: state.startedAt as Instant, reason };
}

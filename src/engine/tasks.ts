/** Runs commands of the user's project that must not run twice: found again after a crash by their key. */
import { hexOf } from '../domain/base/digest.ts';
import type { Duration } from '../domain/base/time.ts';
import type { RunState } from '../ports/processes.ts';
import type { Interruption } from './leases.ts';
import type { World } from './world.ts';

export interface Task {
  /** Same key, same run, for ever. */
  readonly key: string;
  readonly command: string;
  readonly directory: string;
  readonly variables: Readonly<Record<string, string>>;
  /** What of the variables must not be seen in its output. */
  readonly hide: readonly string[];
  readonly timeout: Duration;
  readonly outputLimitBytes?: number;
}

export type TaskResult =
  | { readonly ended: 'exited'; readonly exitCode: number; readonly milliseconds: number }
  /** Killed, over its limits, or gone: it did not get to say anything. */
  | { readonly ended: 'cut-off'; readonly because: string; readonly milliseconds: number }
  | { readonly ended: 'interrupted'; readonly by: Interruption };

const defaultOutputLimit = 32 * 1024 * 1024;
/** How much of a failed command's output goes into a message. */
const tailBytes = 2_000;

/** Starts or adopts the task and waits for its end. A stop request ends the task; any other interruption leaves it running for the next holder. */
export async function runTask(world: World, task: Task, signal: AbortSignal): Promise<TaskResult> {
  await world.processes.start({
    key: task.key,
    command: task.command,
    directory: task.directory,
    hide: task.hide,
    environment: { ...world.host.variables, ...task.variables },
    lifetime: { kind: 'task', timeoutMs: task.timeout, outputLimitBytes: task.outputLimitBytes ?? defaultOutputLimit },
  });
  const state = await world.processes.wait(task.key, signal);
  if (state.state !== 'running') return toResult(state);
  const by = signal.reason as Interruption;
  if (by === 'stop-requested') await world.processes.stop(task.key, 5_000);
  return { ended: 'interrupted', by };
}

/** Part of a key: a run is found again only for the same command, whatever the pipeline says by then. */
export function fingerprint(world: World, command: string): string {
  return hexOf(world.sha256(command)).slice(0, 8);
}

/** The end of what the task wrote, for a person. */
export async function outputOf(world: World, key: string): Promise<string> {
  return (await world.processes.tail(key, tailBytes)).trim();
}

function toResult(state: RunState): TaskResult {
  if (state.state === 'exited') {
    const milliseconds = state.endedAt - state.startedAt;
    if (state.cause === 'exited' && state.exitCode !== null)
      return { ended: 'exited', exitCode: state.exitCode, milliseconds };
    const because = state.cause === 'exited' ? `ended by signal ${state.signal ?? 'unknown'}` : sentences[state.cause];
    return { ended: 'cut-off', because, milliseconds };
  }
  return { ended: 'cut-off', because: state.state === 'lost' ? state.reason : 'it was never started', milliseconds: 0 };
}

const sentences = {
  timeout: 'it ran longer than its time limit',
  'output-limit': 'it wrote more than its output limit',
  stopped: 'it was stopped',
  'not-started': 'it could not be started',
} as const;

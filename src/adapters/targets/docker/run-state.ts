/** How a container stands, in the words in which runs of services are told. */
import { instant, type Instant } from '../../../domain/base/time.ts';
import type { RunState } from '../../../ports/processes.ts';
import type { Container } from './containers.ts';

/**
 * One that was made and never started is absent: whoever asks for it again starts it. Its engine starts again whatever ends by itself, so
 * what has ended was stopped: by us, by somebody at the engine, or by an engine that is just coming up (`mayComeBack`).
 */
export function stateOf(container: Container): RunState {
  const { State, Created, RestartCount } = container;
  const startedAt = timeOf(Created);
  if (State.Status === 'created') return neverRan(container);
  if (State.Running || State.Restarting)
    return {
      state: 'running',
      startedAt,
      pid: State.Pid,
      restarts: RestartCount,
      down: State.Restarting || State.Status === 'paused',
      ...(wasBegunAgain(container) ? { begunAgainAt: timeOf(State.StartedAt) } : {}),
      ...(State.OOMKilled ? { lastDeath: 'memory' } : {}),
    };
  if (State.Status === 'dead')
    return { state: 'lost', startedAt, reason: `its engine could not remove it: ${State.Error}` };
  return {
    state: 'exited',
    startedAt,
    endedAt: timeOf(State.FinishedAt),
    exitCode: State.ExitCode,
    signal: null,
    cause: 'stopped',
  };
}

/** An engine that comes up again, and whoever types `docker restart`, count no restart. */
const firstStartMs = 10_000;

function wasBegunAgain({ State, Created, RestartCount }: Container): boolean {
  return RestartCount > 0 || timeOf(State.StartedAt) - timeOf(Created) > firstStartMs;
}

/** Its engine tried and could not, because of what the image says: there is no such program, or no such user. */
function neverRan({ State, Created }: Container): RunState {
  if (State.Error === '') return { state: 'absent' };
  const at = timeOf(Created);
  return { state: 'exited', startedAt: at, endedAt: at, exitCode: State.ExitCode, signal: null, cause: 'not-started' };
}

/** An engine that was restarted starts what ran before, one after the other: for a moment it tells that they have ended. */
export function mayComeBack({ State, HostConfig }: Container): boolean {
  return State.Status === 'exited' && HostConfig.RestartPolicy.Name === 'unless-stopped';
}

function timeOf(text: string): Instant {
  return instant(Date.parse(text));
}

import { asFailure } from '../../domain/base/failure.ts';
import type { RunState } from '../../ports/processes.ts';
import type { DeployAnswer } from '../../ports/target.ts';

/** Says of a start that failed whether anything was started: then nobody knows what runs, and it is thrown on. `undefined`: it was started. */
export async function neverStarted(
  inspect: () => Promise<RunState>,
  start: () => Promise<void>,
): Promise<DeployAnswer | undefined> {
  try {
    await start();
    return undefined;
  } catch (thrown) {
    if ((await inspect()).state !== 'absent') throw thrown;
    const { message, hint } = asFailure(thrown);
    return { deployed: 'not-started', because: hint === undefined ? message : `${message} (${hint})` };
  }
}

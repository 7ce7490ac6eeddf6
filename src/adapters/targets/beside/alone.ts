import type { DeployAnswer, Deployment, Target } from '../../../ports/target.ts';
import type { Asked } from '../asked.ts';
import { forgetOldRuns } from '../old-runs.ts';
import { becomeReady, isBegun, mend, prepare, startAll, type RunningParts } from './bring-up.ts';
import { ask, endOne } from './well.ts';
import { publicUrl } from './environment-address.ts';
import { findGroup, missingIn, observedOf, steadyGroup, stopAll, without } from './group.ts';
import type { BesideParts } from './lead.ts';
import { isTaken, portTaken } from './port.ts';
import type { Slot } from './runner.ts';

/** What a port needs at most to be free again after its service was stopped. */
const portPatienceMs = 2_000;
const lookMs = 100;

/**
 * The service listens at the environment's port itself, or nowhere: the earlier one is stopped before the next one starts, because
 * both have the same port. A service that did not become ready is left as it is, for the next deployment to replace; whoever
 * keeps it goes on trying to restart it.
 */
export function createAloneTarget(parts: BesideParts): Omit<Target, 'stop'> {
  return {
    prepare: (deployment) => prepare(parts.runner, deployment),
    deploy: (deployment, signal, mayBegin) => deploy(parts, deployment, { signal, mayBegin }),
    inspect: async (deployment) => {
      const found = await steadyGroup(parts, onlyItself(deployment));
      return observedOf(parts.runner, deployment, { found, others: [] });
    },
    mend: (deployment, signal) => mendAlone(parts, onlyItself(deployment), signal),
    ask: (deployment) => ask(parts, onlyItself(deployment)),
    renew: async (wish, patient, signal) => {
      const deployment = onlyItself(wish);
      await endOne(parts, deployment, patient);
      return mendAlone(parts, deployment, signal);
    },
    // The port was theirs: there is nothing left of them.
    retire: () => Promise.resolve('done'),
  };
}

/** Nothing of an earlier deployment goes on here. */
function onlyItself(deployment: Deployment): Deployment {
  return { ...deployment, continues: [] };
}

async function deploy(parts: BesideParts, wish: Deployment, { signal, mayBegin }: Asked): Promise<DeployAnswer> {
  const { runner, clock, traffic } = parts;
  const deployment = onlyItself(wish);
  const begin = clock.now();
  const found = await findGroup(runner, deployment);
  const slots = missingIn(found, deployment);
  if (slots.length > 0) await runner.bring(deployment);
  if (!isBegun(found) && (signal.aborted || (await mayBegin?.()) === false))
    return { deployed: 'stopped', untouched: true };
  // It cannot listen at the environment's port while somebody else does.
  await traffic.remove(deployment.environment.id, 0);
  if (slots.length > 0) {
    if (signal.aborted) return { deployed: 'stopped' };
    const failed = await takeOver(parts, deployment, slots);
    if (failed !== undefined) return failed;
  }
  const group = await findGroup(runner, deployment);
  const failed = await becomeReady(parts, deployment, { group, signal, replaced: true, endedFromOutside: 'unknown' });
  await forgetOldRuns(() => runner.list(deployment.environment.id), runner.forget);
  return failed ?? { deployed: 'ready', url: publicUrl(deployment), milliseconds: clock.now() - begin };
}

function mendAlone(parts: RunningParts, deployment: Deployment, signal: AbortSignal): Promise<string | undefined> {
  const { port } = deployment;
  if (port === undefined) return mend(parts, deployment, { signal });
  const startIn = async (slot: Slot): Promise<void> => {
    await waitForPort(parts, deployment, { slot, port });
    await parts.runner.start(deployment, slot, port);
  };
  return mend(parts, deployment, { signal, startIn });
}

async function takeOver(
  parts: RunningParts,
  deployment: Deployment,
  slots: readonly Slot[],
): Promise<DeployAnswer | undefined> {
  const { runner } = parts;
  const { service, port } = deployment;
  runner.requireStartable(deployment);
  const start = async (slot: Slot): Promise<void> => {
    const { all, runs } = await findGroup(runner, deployment);
    await stopAll(runner, without(all, runs), service.stopGrace);
    if (port !== undefined) await waitForPort(parts, deployment, { slot, port });
    await runner.start(deployment, slot, port);
  };
  return startAll(parts, deployment, { slots, start });
}

/** The new release is not to blame for a port that stays taken, so that is a failure and no answer about readiness. */
async function waitForPort(
  { runner, clock }: RunningParts,
  { environment }: Deployment,
  { slot, port }: { readonly slot: Slot; readonly port: number },
): Promise<void> {
  const begin = clock.now();
  const key = runner.keyOf(environment.id, slot);
  while (await isTaken(port)) {
    // Somebody else who carries out the same deployment was faster: then the port is in the right hands.
    if ((await runner.inspect(key)).state !== 'absent') return;
    if (clock.now() - begin >= portPatienceMs) throw await portTaken(environment.name, port);
    await clock.sleep(lookMs);
  }
}

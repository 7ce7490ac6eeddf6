/** Removes what nobody will ask for any more: artifacts that cannot be deployed again, output of old runs, old idempotency keys, what was told long ago. The record stays. */
import type { Duration, Instant } from '../domain/base/time.ts';
import type { RunState } from '../ports/processes.ts';
import type { World } from './world.ts';

/** How many of the newest releases of a project, and of those an environment could go back to, keep their artifact. */
const kept = { newest: 50, verified: 20 };
const outputKept = (14 * 86_400_000) as Duration;
const measurementsKept = (90 * 86_400_000) as Duration;
const keysKept = 86_400_000 as Duration;
const notificationsKept = (90 * 86_400_000) as Duration;
const runPrefixes = ['build/', 'promotion/', 'verify/', 'deploy/', 'notify/'];

export async function tidy(world: World): Promise<void> {
  const now = world.clock.now();
  const inUse = await world.store.transaction(async (tx) => {
    await tx.idempotency.forget((now - keysKept) as Instant);
    await tx.webhooks.forgetDeliveries((now - outputKept) as Instant);
    await tx.rollouts.forgetMeasurements((now - measurementsKept) as Instant);
    await tx.notifications.forget((now - notificationsKept) as Instant);
    await tx.signIns.forget(now);
    await tx.machines.forgetIdentities(now);
    await tx.tokens.forgetMachines((now - keysKept) as Instant);
    return tx.releases.artifactsInUse(kept);
  });
  let freed = await world.artifacts.collectGarbage(inUse);
  for (const target of new Set(Object.values(world.targets))) freed += (await target.collectGarbage?.(inUse)) ?? 0;
  let forgotten = 0;
  for (const prefix of runPrefixes) {
    for (const { key, state } of await world.processes.list(prefix)) {
      if (!isOld(state, (now - outputKept) as Instant)) continue;
      await world.processes.forget(key);
      forgotten += 1;
    }
  }
  if (freed > 0 || forgotten > 0)
    world.log.info('removed what is no longer needed', { artifactBytes: freed, runs: forgotten });
}

function isOld(state: RunState, before: Instant): boolean {
  if (state.state === 'exited') return state.endedAt < before;
  return state.state === 'lost' && state.startedAt < before;
}

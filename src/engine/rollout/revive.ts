/** After a reboot nothing of a running promotion runs: it is started again, in its own deployments, before anything is asked of it. */
import type { Beside, Deployment, Observed } from '../../ports/target.ts';
import { actors } from '../announce.ts';
import { throwIfInterrupted } from '../interrupted.ts';
import { pairOf } from './pair.ts';
import { patiently } from '../patiently.ts';
import { requireLease } from '../promotion/require-lease.ts';
import type { Run } from '../promotion/run.ts';
import { whyNot } from '../why-not.ts';
import type { World } from '../world.ts';

/** False when one of them did not come up. @throws Interrupted, Failure `lease/lost`, Failure `database/unreachable`. */
export async function revive(
  world: World,
  run: Run,
  {
    deployment,
    beside,
    signal,
  }: { readonly deployment: Deployment; readonly beside: Beside; readonly signal: AbortSignal },
): Promise<boolean> {
  await tell(world, run, { kind: 'environment.down', because: 'neither release of the rollout runs any more' });
  const failed = await whyNot(async () =>
    beside.revive(await pairOf(world, run, { fresh: deployment, live: true }), signal),
  );
  throwIfInterrupted(signal);
  await tell(world, run, {
    kind: failed === undefined ? 'environment.healed' : 'environment.still-down',
    because: failed ?? 'both releases run again',
  });
  return failed === undefined;
}

/**
 * It had all requests before it was to be verified; what the machine ended of it since is no fault of its own. Answers why when it does
 * not come up. @throws Interrupted, Failure `lease/lost`, Failure `database/unreachable`.
 */
export async function reviveFresh(
  world: World,
  run: Run,
  { deployment, signal }: { readonly deployment: Deployment; readonly signal: AbortSignal },
): Promise<string | undefined> {
  const { mend, inspect } = world.targets[deployment.target.kind];
  const because = whyDown(await patiently(world, () => inspect(deployment)));
  if (mend === undefined || because === undefined) return undefined;
  await tell(world, run, { kind: 'environment.down', because });
  const failed = await whyNot(() => mend(deployment, signal));
  throwIfInterrupted(signal);
  const still = failed ?? whyDown(await patiently(world, () => inspect(deployment)));
  const kind = still === undefined ? 'environment.healed' : 'environment.still-down';
  await tell(world, run, { kind, because: still ?? 'the release that is to be verified runs again' });
  return failed;
}

function whyDown(seen: Observed): string | undefined {
  if (seen.observed === 'running' && seen.instances.lost > 0) return seen.instances.because;
  return seen.observed === 'down' ? seen.because : undefined;
}

async function tell(
  world: World,
  run: Run,
  { kind, because }: { readonly kind: string; readonly because: string },
): Promise<void> {
  await world.store.transaction(async (tx) => {
    await requireLease(tx, run);
    await tx.events.append({
      kind,
      actor: actors.engine,
      at: world.clock.now(),
      project: run.project.id,
      environment: run.environment.id,
      release: run.release.id,
      promotion: run.promotion.id,
      data: { because },
    });
  });
}

/** After a reboot in the middle of a rollout nothing of either release runs: both are started again, in their own deployments. */
import type { Beside, Deployment } from '../ports/target.ts';
import { actors } from './announce.ts';
import { throwIfInterrupted } from './interrupted.ts';
import { pairOf } from './pair.ts';
import { requireLease } from './require-lease.ts';
import type { Run } from './run.ts';
import { whyNot } from './why-not.ts';
import type { World } from './world.ts';

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

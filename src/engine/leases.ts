/**
 * The leases this replica holds, kept alive by a beat (R7). A run is told through its signal when
 * somebody wants it stopped, when its lease went to another replica, or when this process is going down.
 */
import type { LeaseId, PromotionId, ReplicaId } from '../domain/base/id.ts';
import { plus, type Duration } from '../domain/base/time.ts';
import type { Clock } from '../ports/clock.ts';
import type { Store } from '../ports/store.ts';

/** A lease whose holder has not been heard of for this long may be taken over. */
export const leaseTime = 10_000 as Duration;

/** Commits come in bursts; a person who stops a run does not notice this. */
const lookAfter = 50;

export type Interruption = 'stop-requested' | 'lease-lost' | 'shutting-down';

export interface Leases {
  /** Holds a lease while a run works under it. */
  hold(promotion: PromotionId, lease: LeaseId): HeldLease;
  isHeld(promotion: PromotionId): boolean;
  /** Renews all held leases and passes on what the store says about them. */
  beat(): Promise<void>;
  /** Something happened: learns a moment later, once for many calls, whether one of the runs is to be stopped. */
  look(): void;
  /** Interrupts every run; they leave their work to whoever comes next. */
  interruptAll(): void;
}

export interface HeldLease {
  /** Aborts with an `Interruption` as its reason. */
  readonly signal: AbortSignal;
  release(): void;
}

export function createLeases(world: {
  readonly store: Store;
  readonly clock: Clock;
  readonly replica: ReplicaId;
}): Leases {
  const held = new Map<PromotionId, { lease: LeaseId; controller: AbortController }>();

  async function beat(): Promise<void> {
    if (held.size === 0) return;
    const asked = [...held];
    const until = plus(world.clock.now(), leaseTime);
    const renewed = await world.store.transaction((tx) =>
      tx.environments.renewLeases(
        world.replica,
        until,
        asked.map(([, { lease }]) => lease),
      ),
    );
    for (const [promotion, entry] of asked) {
      const mine = renewed.find((lease) => lease.promotion === promotion && lease.lease === entry.lease);
      if (mine === undefined && held.get(promotion) === entry) interrupt(entry.controller, 'lease-lost');
      else if (mine?.stop === true) interrupt(entry.controller, 'stop-requested');
    }
  }

  let isLookDue = false;

  /** Reads only: renewing would wait for every environment that somebody has locked. */
  function look(): void {
    if (isLookDue || held.size === 0) return;
    isLookDue = true;
    void world.clock
      .sleep(lookAfter)
      .then(() => {
        isLookDue = false;
        return world.store.transaction((tx) => tx.environments.stopRequests(world.replica));
      })
      .then((stopped) =>
        stopped
          .map((promotion) => held.get(promotion))
          .forEach((entry) => entry && interrupt(entry.controller, 'stop-requested')),
      )
      .catch(() => undefined);
  }

  return {
    hold(promotion, lease) {
      const entry = { lease, controller: new AbortController() };
      held.set(promotion, entry);
      return {
        signal: entry.controller.signal,
        release: () => {
          if (held.get(promotion) === entry) held.delete(promotion);
        },
      };
    },
    isHeld: (promotion) => held.has(promotion),
    beat,
    look,
    interruptAll() {
      for (const { controller } of held.values()) interrupt(controller, 'shutting-down');
    },
  };
}

function interrupt(controller: AbortController, reason: Interruption): void {
  if (!controller.signal.aborted) controller.abort(reason);
}

/** A signal whose abort means that this process is going down. */
export function asShutdown(signal: AbortSignal): AbortSignal {
  const controller = new AbortController();
  const onAbort = () => interrupt(controller, 'shutting-down');
  if (signal.aborted) onAbort();
  signal.addEventListener('abort', onAbort, { once: true });
  return controller.signal;
}

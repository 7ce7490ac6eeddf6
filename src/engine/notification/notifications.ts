/** What was told, to whom, and what came of it; and telling it once more. */
import { Failure } from '../../domain/base/failure.ts';
import { isId } from '../../domain/base/id.ts';
import type { Delivery, StoredNotification } from '../../ports/notifications.ts';
import type { Transaction } from '../../ports/store.ts';
import type { World } from '../world.ts';

/** @throws Failure `notification/unknown`. */
export async function findNotification(tx: Transaction, id: string): Promise<StoredNotification> {
  const found = isId('ntf', id) ? await tx.notifications.get(id) : undefined;
  if (found !== undefined) return found;
  throw new Failure('notification/unknown', `there is no notification ${id}`, { hint: 'liftlock notification list' });
}

/**
 * All of its dead deliveries, or the one to the channel named whatever came of it, get all their attempts anew.
 * @throws Failure `notification/refused` when there is none.
 */
export async function redeliverIn(
  world: World,
  tx: Transaction,
  { notification: id, channel: name, actor }: { notification: string; channel: string | undefined; actor: string },
): Promise<readonly Delivery[]> {
  const notification = await findNotification(tx, id);
  const again: Delivery[] = [];
  for (const { id: delivery } of await tx.deliveries.of(notification.id)) {
    const locked = (await tx.deliveries.lock(delivery))!;
    if (await isWanted(tx, locked, name)) again.push(locked);
  }
  if (again.length === 0)
    throw new Failure('notification/refused', `no delivery of ${id} can be made again`, {
      hint: `liftlock notification show ${id}; --channel names one that was made`,
    });
  const at = world.clock.now();
  for (const delivery of again) {
    await tx.deliveries.update({
      ...delivery,
      state: 'waiting',
      round: delivery.round + 1,
      attempts: 0,
      dueAt: at,
      claim: undefined,
      because: undefined,
      changedAt: at,
    });
    await tx.events.append({
      kind: 'notification.redelivered',
      actor,
      at,
      ...(notification.project === undefined ? {} : { project: notification.project }),
      data: { notification: notification.id, channel: delivery.channel },
    });
  }
  return again;
}

/** One that waits is on its way; a channel that is removed or disabled takes nothing. */
async function isWanted(tx: Transaction, delivery: Delivery, name: string | undefined): Promise<boolean> {
  if (delivery.state === 'waiting') return false;
  const to = await tx.channels.get(delivery.channel);
  if (to === undefined || to.disabled !== undefined) return false;
  return name === undefined ? delivery.state === 'dead' : name === to.name;
}

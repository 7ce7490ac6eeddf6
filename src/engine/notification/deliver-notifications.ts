/**
 * Delivers what is due. An attempt is on record before it is made, and what came of it after it: whoever is killed between
 * the two leaves an attempt that is made again once its time is over. At least once, under the same id.
 */
import { consequenceOf, type AttemptOutcome } from '../../domain/notification/attempt.ts';
import type { Message } from '../../domain/notification/message.ts';
import { asFailure } from '../../domain/base/failure.ts';
import { plus, type Duration } from '../../domain/base/time.ts';
import type { Attempt, Delivery } from '../../ports/notifications.ts';
import type { Transaction } from '../../ports/store.ts';
import { actors } from '../announce.ts';
import type { Sending } from './sending.ts';
import { sendByCommand } from './send-by-command.ts';
import { sendByMail } from './send-by-mail.ts';
import { sendByWebhook } from './send-by-webhook.ts';
import type { World } from '../world.ts';

/** Longer than any attempt may take. */
const claimTime = 120_000 as Duration;

/** Begins what is due, at most `limit`; answers an attempt for each, which never rejects. */
export async function beginDue(world: World, limit: number, signal: AbortSignal): Promise<readonly Promise<void>[]> {
  const claimed = await world.store.transaction(async (tx) => {
    const due = await tx.deliveries.due(world.clock.now(), limit);
    const mine: Delivery[] = [];
    for (const delivery of due) mine.push(await claim(world, tx, delivery));
    return mine;
  });
  return claimed.map(async (delivery) => {
    try {
      await attempt(world, delivery, signal);
    } catch (thrown) {
      // The claim runs out, and it is tried again.
      const { code, message } = asFailure(thrown);
      world.log.warn('what came of a notification could not be recorded', {
        delivery: delivery.id,
        code,
        reason: message,
      });
    }
  });
}

async function claim(world: World, tx: Transaction, due: Delivery): Promise<Delivery> {
  const at = world.clock.now();
  if (due.claim !== undefined) await settleLost(tx, due, world);
  const claimed: Delivery = {
    ...due,
    attempts: due.attempts + 1,
    claim: { by: world.replica, until: plus(at, claimTime) },
    changedAt: at,
  };
  await tx.deliveries.update(claimed);
  await tx.deliveries.begin(claimed.id, begun(claimed, at));
  return claimed;
}

/** Nobody knows whether the receiver has it. */
async function settleLost(tx: Transaction, delivery: Delivery, world: World): Promise<void> {
  const last = (await tx.deliveries.attempts(delivery.id)).at(-1);
  if (last === undefined || last.outcome !== undefined) return;
  const at = world.clock.now();
  const because = 'its worker was lost before it could say what came of it';
  await tx.deliveries.finish(delivery.id, { ...last, endedAt: at, outcome: 'lost', because, nextAt: at });
}

function begun({ round, attempts: number }: Delivery, at: Attempt['begunAt']): Attempt {
  return {
    round,
    number,
    begunAt: at,
    endedAt: undefined,
    outcome: undefined,
    status: undefined,
    because: undefined,
    nextAt: undefined,
  };
}

async function attempt(world: World, delivery: Delivery, signal: AbortSignal): Promise<void> {
  const begunAt = delivery.changedAt;
  const sending = await world.store.transaction((tx) => load(tx, delivery));
  const result: AttemptOutcome | 'interrupted' =
    sending === undefined
      ? { outcome: 'refused', because: 'its channel or its event is gone' }
      : await send(world, sending, signal);
  await world.store.transaction((tx) => record(world, tx, { delivery, sending, result, begunAt }));
}

async function load(tx: Transaction, delivery: Delivery): Promise<Sending | undefined> {
  const channel = await tx.channels.get(delivery.channel);
  const notification = await tx.notifications.get(delivery.notification);
  const found = notification && (await tx.notifications.eventOf(notification));
  if (channel === undefined || notification === undefined || found === undefined) return undefined;
  const { id, severity, summary, deciders, project, environment } = notification;
  const { event } = found;
  const release = event.release === undefined ? undefined : await tx.releases.get(event.release as never);
  const message: Message = {
    ...found,
    id,
    severity,
    summary,
    deciders,
    project: project && (await tx.projects.get(project))?.name,
    environment: environment && (await tx.environments.get(environment))?.spec.name,
    release: release?.number,
    more: await tx.notifications.foldedBefore(notification),
  };
  const owner = channel.project && (await tx.projects.get(channel.project))?.name;
  return { message, channel, delivery, project: owner };
}

async function send(world: World, sending: Sending, signal: AbortSignal): Promise<AttemptOutcome | 'interrupted'> {
  try {
    switch (sending.channel.settings.kind) {
      case 'webhook':
        return await sendByWebhook(world, sending, signal);
      case 'email':
        return await sendByMail(world, sending, signal);
      case 'command':
        return await sendByCommand(world, sending, signal);
    }
  } catch (thrown) {
    if (signal.aborted) return 'interrupted';
    const { code, message } = asFailure(thrown);
    const refused = code === 'outgoing/refused' || code === 'mail/refused';
    return { outcome: refused ? 'refused' : 'failed', because: message };
  }
}

async function record(
  world: World,
  tx: Transaction,
  {
    delivery,
    sending,
    result,
    begunAt,
  }: {
    delivery: Delivery;
    sending: Sending | undefined;
    result: AttemptOutcome | 'interrupted';
    begunAt: Attempt['begunAt'];
  },
): Promise<void> {
  const current = await tx.deliveries.lock(delivery.id);
  // Given up, or taken over by somebody who thought us gone.
  if (current?.state !== 'waiting' || current.round !== delivery.round || current.attempts !== delivery.attempts)
    return;
  const at = world.clock.now();
  const open = begun(delivery, begunAt);
  if (result === 'interrupted') {
    const because = 'the worker was stopped';
    await tx.deliveries.finish(delivery.id, { ...open, endedAt: at, outcome: 'lost', because, nextAt: at });
    await tx.deliveries.update({ ...current, dueAt: at, claim: undefined, because, changedAt: at });
    return;
  }
  const chance = world.random(1)[0]! / 256;
  const next = consequenceOf(result, { attempts: delivery.attempts, at, chance });
  const because = result.outcome === 'delivered' ? undefined : result.because;
  const nextAt = next.state === 'waiting' ? next.dueAt : undefined;
  await tx.deliveries.finish(delivery.id, {
    ...open,
    endedAt: at,
    outcome: result.outcome,
    status: result.status,
    because,
    nextAt,
  });
  await tx.deliveries.update({
    ...current,
    state: next.state,
    dueAt: nextAt ?? current.dueAt,
    claim: undefined,
    because: next.state === 'dead' ? next.because : because,
    changedAt: at,
  });
  if (result.outcome === 'gone' && sending !== undefined) await disable(tx, sending, { at, because: result.because });
  if (next.state === 'dead' && sending !== undefined) await mourn(world, tx, { sending, at, because: next.because });
}

async function disable(
  tx: Transaction,
  { channel }: Sending,
  { at, because }: { at: Attempt['begunAt']; because: string },
): Promise<void> {
  await tx.channels.disable(channel.id, at, because);
  await tx.events.append({
    kind: 'channel.disabled',
    actor: actors.engine,
    at,
    ...(channel.project === undefined ? {} : { project: channel.project }),
    data: { channel: channel.id, name: channel.name, because },
  });
}

/** Told through the other channels; that such a notice could not be delivered is told to nobody, or it would go on for ever. */
async function mourn(
  world: World,
  tx: Transaction,
  { sending: { channel, message }, at, because }: { sending: Sending; at: Attempt['begunAt']; because: string },
): Promise<void> {
  world.log.error('a notification could not be delivered', {
    notification: message.id,
    channel: channel.name,
    reason: because,
  });
  if (message.event.kind === 'notification.dead' || message.event.kind === 'channel.disabled') return;
  await tx.events.append({
    kind: 'notification.dead',
    actor: actors.engine,
    at,
    ...(channel.project === undefined ? {} : { project: channel.project }),
    data: { notification: message.id, channel: channel.id, name: channel.name, because },
  });
}

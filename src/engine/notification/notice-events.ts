/**
 * Reads the event log on and writes down what is to be told, to whom. How far it was read and what came of it are one
 * transaction: an event is told once, whatever is killed and however many replicas read.
 */
import { hears, type Channel, type Placed } from '../../domain/notification/channel.ts';
import { noticeOf, toldKinds, type Notice } from '../../domain/notification/notice.ts';
import { callsOf, foldedInto, tellingOf } from '../../domain/notification/repetition.ts';
import type { EventFeed, RecordedEvent } from '../../ports/events.ts';
import type { StoredNotification } from '../../ports/notifications.ts';
import type { Environment } from '../../ports/records.ts';
import type { Transaction } from '../../ports/store.ts';
import { decidersOf } from '../gate/deciders.ts';
import { newId, type World } from '../world.ts';

const batch = 200;
const told = new Set(toldKinds());

interface Found {
  readonly event: RecordedEvent;
  readonly environment: Environment | undefined;
  readonly notice: Notice;
  readonly deciders: readonly string[];
}

/** Everything that is settled. Answers how many deliveries there are to make. */
export async function noticeEvents(world: World, feed: EventFeed, how: { signal?: AbortSignal } = {}): Promise<number> {
  let made = 0;
  for (let more = true; more && how.signal?.aborted !== true;) {
    const from = await world.store.transaction((tx) => tx.notifications.place());
    const events = await feed.read({ after: from, limit: batch });
    const last = events.at(-1);
    if (last === undefined) return made;
    const found = await understand(world, events);
    const count = await world.store.transaction(async (tx) =>
      (await tx.notifications.advance(from, last.cursor)) ? recordAll(world, tx, found) : undefined,
    );
    // Somebody else was faster: what there is, is theirs.
    if (count === undefined) return made;
    made += count;
    more = events.length === batch;
  }
  return made;
}

async function understand(world: World, events: readonly RecordedEvent[]): Promise<readonly Found[]> {
  const found: Found[] = [];
  for (const event of events.filter(({ kind }) => told.has(kind))) {
    const { environment, ran } = await world.store.transaction(async (tx) => ({
      environment: event.environment === undefined ? undefined : await tx.environments.get(event.environment),
      ran: await hasRun(tx, event),
    }));
    const notice = noticeOf({
      kind: event.kind,
      data: event.data,
      at: event.at,
      environmentKind: environment?.spec.kind,
      ran,
    });
    if (notice === undefined) continue;
    found.push({
      event,
      environment,
      notice,
      deciders: notice.asks ? await decidersOf(world, event, environment) : [],
    });
  }
  return found;
}

async function hasRun(tx: Transaction, { promotion }: RecordedEvent): Promise<boolean> {
  const progress = promotion === undefined ? undefined : (await tx.promotions.get(promotion))?.promotion.progress;
  return progress !== undefined && progress.state !== 'waiting' && progress.startedAt !== undefined;
}

async function recordAll(world: World, tx: Transaction, found: readonly Found[]): Promise<number> {
  if (found.length === 0) return 0;
  const channels = await tx.channels.list();
  let made = 0;
  for (const one of found) made += await record(world, tx, { ...one, channels });
  return made;
}

/** What nobody listens to is not written down. */
async function record(
  world: World,
  tx: Transaction,
  { event, environment, notice, deciders, channels }: Found & { channels: readonly Channel[] },
): Promise<number> {
  const calls = callsOf(notice, event);
  const lastCall = calls === undefined ? undefined : await tx.notifications.lastOf(calls);
  const { severity, group } = tellingOf(notice, event, lastCall);
  const placed: Placed = {
    severity,
    at: event.at,
    project: event.project,
    environment: environment && { id: environment.id, name: environment.spec.name, kind: environment.spec.kind },
    deciders,
    only: event.kind === 'channel.tested' ? String(event.data['channel']) : undefined,
    except:
      typeof event.data['channel'] === 'string' && event.kind !== 'channel.tested' ? event.data['channel'] : undefined,
  };
  const concerned = channels.filter((channel) => hears(channel, placed));
  if (concerned.length === 0) return 0;
  const earlier = group === undefined ? undefined : await tx.notifications.lastOf(group);
  const notification: StoredNotification = {
    id: newId(world, 'ntf'),
    event: event.seq,
    project: event.project,
    environment: event.environment,
    kind: event.kind,
    severity,
    summary: notice.summary,
    at: event.at,
    deciders,
    group,
    foldedInto: foldedInto(earlier, event.at),
  };
  if (!(await tx.notifications.insert(notification)) || notification.foldedInto !== undefined) return 0;
  const now = world.clock.now();
  for (const channel of concerned)
    await tx.deliveries.insert({
      id: newId(world, 'dlv'),
      notification: notification.id,
      channel: channel.id,
      state: 'waiting',
      round: 1,
      attempts: 0,
      dueAt: now,
      claim: undefined,
      because: undefined,
      changedAt: now,
    });
  return concerned.length;
}

/** Tells of the event log as long as this process works: reads on when there is news, and delivers what is due. */
import { asFailure } from '../../domain/base/failure.ts';
import type { EventFeed } from '../../ports/events.ts';
import { beginDue } from './deliver-notifications.ts';
import { noticeEvents } from './notice-events.ts';
import type { World } from '../world.ts';

export interface Notifier {
  /** Attempts that are under way are cut off, and made again by whoever comes next. */
  stop(): Promise<void>;
}

const pauseMs = 500;
/** News may be lost. */
const quietMs = 5_000;
const mostAtOnce = 8;

export function startNotifier(world: World, feed: EventFeed): Notifier {
  const stopping = new AbortController();
  const running = keepTelling(world, feed, stopping.signal);
  return {
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

async function keepTelling(world: World, feed: EventFeed, signal: AbortSignal): Promise<void> {
  const { clock, store } = world;
  const underWay = new Set<Promise<void>>();
  let news = true;
  let readAt = clock.now();
  const unsubscribe = store.onCommit(() => (news = true));
  while (!signal.aborted) {
    try {
      if (news || clock.now() - readAt >= quietMs) {
        [news, readAt] = [false, clock.now()];
        await noticeEvents(world, feed, { signal });
      }
      for (const attempt of await beginDue(world, mostAtOnce - underWay.size, signal)) {
        underWay.add(attempt);
        void attempt.then(() => underWay.delete(attempt));
      }
    } catch (thrown) {
      const { code, message: reason } = asFailure(thrown);
      world.log.warn('notifications could not be looked at and will be', { code, reason });
      news = true;
    }
    await clock.sleep(pauseMs, signal);
  }
  unsubscribe();
  await Promise.all(underWay);
}

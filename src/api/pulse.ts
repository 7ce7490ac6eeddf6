/** Tells that there may be new events: after each commit that is heard of, and when a look once a second finds some. */
import type { EventFeed } from '../ports/events.ts';
import type { Store } from '../ports/store.ts';

export interface Pulse {
  subscribe(listener: () => void): () => void;
}

/** One look for all listeners together, and none while nobody listens. A look that fails is made up for by the next. */
export function createPulse(store: Pick<Store, 'onCommit'>, feed: Pick<EventFeed, 'tail'>, everyMs: number): Pulse {
  const listeners = new Set<() => void>();
  let stop: (() => void) | undefined;
  let newest: string | undefined;

  const tell = () => {
    for (const listener of listeners) listener();
  };

  async function look(): Promise<void> {
    const [event] = await feed.tail({}, 1).catch(() => []);
    if (event === undefined || event.cursor === newest) return;
    newest = event.cursor;
    tell();
  }

  function start(): () => void {
    const timer = setInterval(() => void look(), everyMs);
    const unsubscribe = store.onCommit(tell);
    return () => {
      clearInterval(timer);
      unsubscribe();
    };
  }

  return {
    subscribe(listener) {
      listeners.add(listener);
      stop ??= start();
      return () => {
        listeners.delete(listener);
        if (listeners.size > 0) return;
        stop?.();
        stop = undefined;
      };
    },
  };
}

/** Keeps what is shown true: each event makes what it touches old, a lost line makes everything doubtful. */
import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useState, useSyncExternalStore } from 'react';
import { follow } from './live.ts';
import { keys, touchedBy } from './queries.ts';
import { createRenewal } from './renew.ts';

export interface Line {
  readonly open: boolean;
  /** When something was last heard (epoch ms). */
  readonly at: number;
}

/** `undefined` until something was heard. */
export function useNews(): Line | undefined {
  const client = useQueryClient();
  const [line, setLine] = useState<Line>();
  useEffect(() => {
    const renew = createRenewal(client);
    return follow((news) => {
      if (news.kind === 'event') for (const key of touchedBy(news.event)) renew(key);
      else if (news.kind === 'resync') renew([]);
      else {
        setLine((before) => (news.open || before?.open !== false ? news : before));
        // A line that is refused may mean that the session is over.
        if (!news.open) renew(keys.self);
      }
    });
  }, [client]);
  return line;
}

/** Since when something on the screen could not be loaded again (epoch ms); undefined when all is as the news say. */
export function useOldest(): number | undefined {
  const client = useQueryClient();
  const cache = client.getQueryCache();
  const subscribe = useCallback((listener: () => void) => cache.subscribe(listener), [cache]);
  return useSyncExternalStore(subscribe, () => {
    const times = cache
      .findAll({ type: 'active', predicate: ({ state }) => state.status === 'error' && state.data !== undefined })
      .map(({ state }) => state.dataUpdatedAt);
    return times.length === 0 ? undefined : Math.min(...times);
  });
}

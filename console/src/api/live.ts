/**
 * News from the server, for every tab of this browser over one connection: the tab that holds the lock listens and tells the
 * others (browsers allow six connections to a host). When it closes, the lock goes to another one.
 */
import type { EventView } from '../../../src/api/contract/events.ts';

export type News =
  | { readonly kind: 'event'; readonly event: EventView }
  /** Everything may have changed: load it again. */
  | { readonly kind: 'resync' }
  /** The stream is there, or lost; `at` is when something was last heard (epoch ms). */
  | { readonly kind: 'line'; readonly open: boolean; readonly at: number };

type Listener = (news: News) => void;

const channelName = 'liftlock-news';
const lockName = 'liftlock-leader';
/** The server beats every 15 s; after twice that the line is dead, whatever the browser thinks. */
const silenceMs = 35_000;
const shortestPauseMs = 500;
const longestPauseMs = 15_000;

/** Starts listening; answers how to stop. */
export function follow(listener: Listener): () => void {
  const over = new AbortController();
  const channel = new BroadcastChannel(channelName);
  channel.addEventListener('message', ({ data }: MessageEvent<News>) => listener(data));
  const tell: Listener = (news) => {
    listener(news);
    channel.postMessage(news);
  };
  navigator.locks.request(lockName, { signal: over.signal }, () => lead(tell, over.signal)).catch(() => undefined);
  // A tab that slept may have missed what the leader told.
  const onWake = () => document.visibilityState === 'visible' && listener({ kind: 'resync' });
  document.addEventListener('visibilitychange', onWake, { signal: over.signal });
  return () => {
    over.abort();
    channel.close();
  };
}

/** Holds the line until the tab goes, opening it again whenever it breaks, from where it broke. */
async function lead(tell: Listener, signal: AbortSignal): Promise<void> {
  let after: string | undefined;
  let pause = shortestPauseMs;
  while (!signal.aborted) {
    const heard = await listen(tell, after, signal);
    after = heard.after;
    pause = heard.any ? shortestPauseMs : Math.min(longestPauseMs, pause * 2);
    if (signal.aborted) return;
    tell({ kind: 'line', open: false, at: Date.now() });
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}

function listen(
  tell: Listener,
  after: string | undefined,
  signal: AbortSignal,
): Promise<{ after: string | undefined; any: boolean }> {
  return new Promise((resolve) => {
    let last = after;
    let any = false;
    const source = new EventSource(`/api/v1/events${after === undefined ? '' : `?after=${encodeURIComponent(after)}`}`);
    let silence: ReturnType<typeof setTimeout> | undefined;
    const end = () => {
      clearTimeout(silence);
      source.close();
      resolve({ after: last, any });
    };
    const heard = () => {
      any = true;
      clearTimeout(silence);
      silence = setTimeout(end, silenceMs);
      tell({ kind: 'line', open: true, at: Date.now() });
    };
    source.addEventListener('open', () => {
      heard();
      if (after === undefined) tell({ kind: 'resync' });
    });
    source.addEventListener('message', ({ data, lastEventId }: MessageEvent<string>) => {
      heard();
      last = lastEventId === '' ? last : lastEventId;
      tell({ kind: 'event', event: JSON.parse(data) as EventView });
    });
    source.addEventListener('beat', heard);
    source.addEventListener('resync', ({ lastEventId }: MessageEvent<string>) => {
      heard();
      last = lastEventId === '' ? last : lastEventId;
      tell({ kind: 'resync' });
    });
    source.addEventListener('error', end);
    signal.addEventListener('abort', end, { once: true });
  });
}

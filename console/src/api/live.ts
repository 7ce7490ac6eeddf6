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

/** What tabs say to each other; `hello` is a new one that wants to know how the line is. */
type Said = News | { readonly kind: 'hello' };

type Listener = (news: News) => void;

const channelName = 'liftlock-news';
const lockName = 'liftlock-leader';
/** The server beats every 15 s; after twice that the line is dead, whatever the browser thinks. */
const silenceMs = 35_000;
const shortestPauseMs = 300;
/** So that a server that comes back is noticed within seconds. */
const longestPauseMs = 3_000;

/** Starts listening; answers how to stop. */
export function follow(listener: Listener): () => void {
  const over = new AbortController();
  const channel = new BroadcastChannel(channelName);
  const heed = createWatch(listener);
  let leading: News | undefined;
  channel.addEventListener('message', ({ data }: MessageEvent<Said>) => {
    if (data.kind !== 'hello') heed.news(data);
    else if (leading !== undefined) channel.postMessage(leading);
  });
  const tell: Listener = (news) => {
    if (news.kind === 'line') leading = news;
    heed.news(news);
    channel.postMessage(news);
  };
  channel.postMessage({ kind: 'hello' });
  navigator.locks.request(lockName, { signal: over.signal }, () => lead(tell, over.signal)).catch(() => undefined);
  // A tab that slept may have missed what the leader told.
  const onWake = () => document.visibilityState === 'visible' && listener({ kind: 'resync' });
  document.addEventListener('visibilitychange', onWake, { signal: over.signal });
  return () => {
    over.abort();
    heed.end();
    channel.close();
  };
}

/** Passes news on; when none come for too long, also because the leading tab sleeps, it says that the line is lost. */
function createWatch(listener: Listener): { news: Listener; end: () => void } {
  let silence: ReturnType<typeof setTimeout> | undefined;
  return {
    news(news) {
      const at = Date.now();
      clearTimeout(silence);
      silence = setTimeout(() => listener({ kind: 'line', open: false, at }), silenceMs);
      listener(news);
    },
    end: () => clearTimeout(silence),
  };
}

/** Holds the line until the tab goes, opening it again whenever it breaks, from where it broke. */
async function lead(tell: Listener, signal: AbortSignal): Promise<void> {
  let after: string | undefined;
  let pause = shortestPauseMs;
  let at = Date.now();
  while (!signal.aborted) {
    const heard = await listen(tell, after, signal);
    after = heard.after;
    at = heard.at ?? at;
    pause = heard.at === undefined ? Math.min(longestPauseMs, pause * 2) : shortestPauseMs;
    if (signal.aborted) return;
    tell({ kind: 'line', open: false, at });
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}

interface Heard {
  /** The cursor after which the stream goes on. */
  readonly after: string | undefined;
  /** When something was last heard, if anything was. */
  readonly at: number | undefined;
}

function listen(tell: Listener, after: string | undefined, signal: AbortSignal): Promise<Heard> {
  return new Promise((resolve) => {
    let last = after;
    let at: number | undefined;
    const source = new EventSource(`/api/v1/events${after === undefined ? '' : `?after=${encodeURIComponent(after)}`}`);
    let silence: ReturnType<typeof setTimeout> | undefined;
    const end = () => {
      clearTimeout(silence);
      source.close();
      resolve({ after: last, at });
    };
    const heard = (cursor = '') => {
      at = Date.now();
      if (cursor !== '') last = cursor;
      clearTimeout(silence);
      silence = setTimeout(end, silenceMs);
      tell({ kind: 'line', open: true, at });
    };
    source.addEventListener('open', () => {
      heard();
      // What was asked for while the line was down may have failed.
      tell({ kind: 'resync' });
    });
    source.addEventListener('message', ({ data, lastEventId }: MessageEvent<string>) => {
      heard(lastEventId);
      tell({ kind: 'event', event: JSON.parse(data) as EventView });
    });
    source.addEventListener('beat', () => heard());
    source.addEventListener('resync', ({ lastEventId }: MessageEvent<string>) => {
      heard(lastEventId);
      tell({ kind: 'resync' });
    });
    source.addEventListener('error', end);
    signal.addEventListener('abort', end, { once: true });
  });
}

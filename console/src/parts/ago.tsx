/** A time as people say it, exact in both zones when pointed at. */
import { useSyncExternalStore } from 'react';

const listeners = new Set<() => void>();
let now = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;

/** One clock for the whole page, which stands while nobody looks at it. */
function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    now = Date.now();
    for (const one of listeners) one();
  }, 1_000);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

/** Epoch ms, to the second. */
function useNow(): number {
  return useSyncExternalStore(subscribe, () => now);
}

export function Ago({ at }: { readonly at: number }) {
  const current = useNow();
  const date = new Date(at);
  return (
    <time dateTime={date.toISOString()} title={`${date.toLocaleString()} (${date.toISOString()})`}>
      {inWords(at - current)}
    </time>
  );
}

/** How long until then, to the second while that matters. */
export function Countdown({ at }: { readonly at: number }) {
  const left = Math.max(0, at - useNow());
  return <time dateTime={new Date(at).toISOString()}>{lengthInWords(left)}</time>;
}

/** Of a day that is known, in the reader's zone. */
export function timeOfDay(at: number): string {
  return new Date(at).toLocaleTimeString([], { hour12: false });
}

/** `3 min ago`, `in 12 min`, `just now`. */
function inWords(difference: number): string {
  const length = Math.abs(difference);
  if (length < 10_000) return difference > 1_500 ? 'in a moment' : 'just now';
  const said = lengthInWords(length);
  return difference > 0 ? `in ${said}` : `${said} ago`;
}

/** Milliseconds as people say them: `14 s`, `3 min`. */
export function lengthInWords(length: number): string {
  const seconds = Math.round(length / 1_000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.round(minutes / 6) / 10;
  if (hours < 48) return `${hours >= 10 ? Math.round(hours) : hours} h`;
  return `${Math.round(hours / 24)} days`;
}

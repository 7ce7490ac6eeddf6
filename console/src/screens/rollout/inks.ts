/** Colours for the canvas, which knows no style sheet: read from the tokens, again whenever the scheme changes. */
import { useSyncExternalStore } from 'react';

export interface Inks {
  readonly fresh: string;
  readonly old: string;
  readonly limit: string;
  readonly text: string;
  readonly faint: string;
}

const schemes = ['(prefers-color-scheme: dark)', '(forced-colors: active)', '(prefers-contrast: more)'];

function subscribe(listener: () => void): () => void {
  const queries = schemes.map((scheme) => matchMedia(scheme));
  for (const query of queries) query.addEventListener('change', listener);
  return () => {
    for (const query of queries) query.removeEventListener('change', listener);
  };
}

const read = new Map<string, Inks>();

export function useInks(): Inks {
  const scheme = useSyncExternalStore(subscribe, () => schemes.map((one) => matchMedia(one).matches).join(' '));
  const known = read.get(scheme) ?? readInks();
  read.set(scheme, known);
  return known;
}

/** As the browser computes them, forced colours included. */
function readInks(): Inks {
  const probe = document.body.appendChild(document.createElement('span'));
  const ink = (token: string): string => {
    probe.style.color = `var(--${token})`;
    return getComputedStyle(probe).color;
  };
  const inks = { fresh: ink('busy'), old: ink('text'), limit: ink('bad'), text: ink('quiet'), faint: ink('line') };
  probe.remove();
  return inks;
}

/** A state as shape and word: colour only repeats what both say. */
import './state.css';

/** What the eye must tell apart at a glance; the word says exactly which. */
export type Tone = 'good' | 'busy' | 'wait' | 'bad' | 'idle';

const shapes: Readonly<Record<Tone, string>> = {
  good: 'M2 8.5 6.5 13 14 4',
  busy: 'M8 2v5l4 3',
  wait: 'M5 3v10M11 3v10',
  bad: 'M3 3l10 10M13 3 3 13',
  idle: 'M3 8h10',
};

export function State({ tone, word }: { readonly tone: Tone; readonly word: string }) {
  return (
    <span className={`state ${tone}`}>
      <svg viewBox="0 0 16 16" aria-hidden="true">
        <path d={shapes[tone]} />
      </svg>
      {word}
    </span>
  );
}

/** Everything that can be gone to or done, by typing some of its name. */
import { useEffect, useId, useRef, useState, type KeyboardEvent } from 'react';
import { useLocation } from 'wouter';
import { useReleases, useStatus } from '../api/queries.ts';
import { useAsk } from '../parts/act.tsx';
import { entriesOf, type Entry } from './entries.ts';
import './palette.css';

/** More do not help whoever is looking. */
const mostShown = 12;

export default function Palette({
  project,
  onClose,
}: {
  readonly project: string | undefined;
  readonly onClose: () => void;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [typed, setTyped] = useState('');
  const [at, setAt] = useState(0);
  const [, go] = useLocation();
  const ask = useAsk();
  const id = useId();
  const found = useEntries(project).filter(matches(typed)).slice(0, mostShown);
  useEffect(() => dialog.current?.showModal(), []);
  const choose = (entry: Entry | undefined) => {
    if (entry === undefined) return;
    dialog.current?.close();
    if ('to' in entry) go(entry.to);
    else ask(entry.action);
  };
  const onKey = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined) {
      event.preventDefault();
      setAt((at + step + found.length) % Math.max(1, found.length));
    } else if (event.key === 'Enter') {
      event.preventDefault();
      choose(found[at]);
    }
  };
  return (
    <dialog ref={dialog} className="palette" aria-label="Find" onClose={onClose}>
      <input
        role="combobox"
        aria-label="Environment, release, screen or action"
        aria-expanded="true"
        aria-controls={id}
        aria-activedescendant={found[at] === undefined ? undefined : `${id}-${at}`}
        placeholder="Environment, release, screen or action"
        value={typed}
        onKeyDown={onKey}
        onChange={({ target }) => {
          setTyped(target.value);
          setAt(0);
        }}
      />
      <ul id={id} role="listbox" aria-label="Found">
        {found.map((entry, index) => (
          <li
            key={`${entry.kind} ${entry.name}`}
            id={`${id}-${index}`}
            role="option"
            aria-selected={index === at}
            onClick={() => choose(entry)}
          >
            <span className="clamp">{entry.name}</span> <span className="quiet small">{entry.kind}</span>
          </li>
        ))}
      </ul>
      {found.length === 0 ? (
        <p className="quiet" role="status">
          Nothing is called that.
        </p>
      ) : null}
    </dialog>
  );
}

function useEntries(project: string | undefined): readonly Entry[] {
  const status = useStatus(project);
  const releases = useReleases(project);
  return entriesOf(project, status.data?.environments ?? [], releases.data?.releases ?? []);
}

/** Every word that was typed is in it somewhere. */
function matches(typed: string): (entry: Entry) => boolean {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  return ({ name, kind }) => words.every((word) => `${name} ${kind}`.toLowerCase().includes(word));
}

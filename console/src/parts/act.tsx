/**
 * An action: a button, what it will do in one sentence, why (recorded), and the same as a command. What was asked for is shown as
 * requested; that it happened is told by the server's news.
 */
import {
  createContext,
  useCallback,
  useContext,
  useEffect,
  useId,
  useRef,
  useState,
  type FormEvent,
  type ReactNode,
} from 'react';
import { change, Refused } from '../api/call.ts';
import './act.css';

export interface Action {
  readonly label: string;
  /** What it does, for the dialog. */
  readonly explains: string;
  readonly path: string;
  readonly body: (reason: string) => unknown;
  /** As typed in a terminal; `{reason}` is filled in. */
  readonly command: string;
  readonly reason: 'needed' | 'welcome' | 'none';
  readonly primary?: true;
}

type Progress =
  | { readonly is: 'idle' | 'asking' | 'requested' }
  | { readonly is: 'refused'; readonly why: string; readonly hint: string | undefined };

const Asking = createContext<(action: Action) => void>(() => undefined);

/** How to put an action before the person; the dialog outlives what its button stood in, which the news may take away. */
export function useAsk(): (action: Action) => void {
  return useContext(Asking);
}

export function Act({ action }: { readonly action: Action }) {
  const ask = useAsk();
  return (
    <button type="button" className={action.primary === true ? 'primary' : ''} onClick={() => ask(action)}>
      {action.label}
    </button>
  );
}

/** Stands once around everything that offers actions. */
export function Asked({ children }: { readonly children: ReactNode }) {
  const dialog = useRef<HTMLDialogElement>(null);
  // One for each opening: pressing twice is one request.
  const [asked, setAsked] = useState<{ readonly action: Action; readonly key: string }>();
  const ask = useCallback((action: Action) => setAsked({ action, key: crypto.randomUUID() }), []);
  useEffect(() => {
    if (asked !== undefined && dialog.current?.open === false) dialog.current.showModal();
  }, [asked]);
  const closed = () => {
    setAsked(undefined);
    // Where the button was taken away there is nothing to come back to.
    if (document.activeElement === document.body) document.getElementById('main')?.focus();
  };
  return (
    <Asking value={ask}>
      {children}
      <dialog ref={dialog} onClose={closed} aria-label={asked?.action.label ?? ''}>
        {asked === undefined ? null : (
          <Question key={asked.key} action={asked.action} first={asked.key} onClose={() => dialog.current?.close()} />
        )}
      </dialog>
    </Asking>
  );
}

function Question({
  action,
  first,
  onClose,
}: {
  readonly action: Action;
  readonly first: string;
  readonly onClose: () => void;
}) {
  const key = useRef(first);
  const [progress, setProgress] = useState<Progress>({ is: 'idle' });
  const [reason, setReason] = useState('');
  const id = useId();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setProgress({ is: 'asking' });
    change(action.path, action.body(reason.trim()), key.current)
      .then(() => setProgress({ is: 'requested' }))
      .catch((error: unknown) => {
        const problem = error instanceof Refused ? error.problem : undefined;
        // What was refused may be asked again, as another request.
        if (problem?.status !== 0) key.current = crypto.randomUUID();
        setProgress({ is: 'refused', why: problem?.detail ?? String(error), hint: problem?.hint });
      });
  };
  return (
    <form className="stack" onSubmit={submit}>
      <h2>{action.label}</h2>
      <p>{action.explains}</p>
      {action.reason === 'none' ? null : (
        <label className="stack tight" htmlFor={id}>
          Why{action.reason === 'welcome' ? ' (optional)' : ''}; it is recorded
          <textarea
            id={id}
            rows={2}
            maxLength={1_000}
            required={action.reason === 'needed'}
            value={reason}
            onChange={({ target }) => setReason(target.value)}
          />
        </label>
      )}
      <Command text={commandOf(action, reason.trim())} />
      <p role="status" className={progress.is === 'refused' ? 'refused' : ''}>
        {told(progress)}
      </p>
      <div className="row">
        {progress.is === 'requested' ? null : (
          <button type="submit" className="primary" disabled={progress.is === 'asking'}>
            {action.label}
          </button>
        )}
        <button type="button" onClick={onClose}>
          {progress.is === 'requested' ? 'Close' : 'Not now'}
        </button>
      </div>
    </form>
  );
}

function told(progress: Progress): string {
  switch (progress.is) {
    case 'idle':
      return '';
    case 'asking':
      return 'Asking…';
    case 'requested':
      return 'Requested. What becomes of it is shown as it happens.';
    case 'refused':
      return `Refused: ${progress.why}${progress.hint === undefined ? '' : ` — ${progress.hint}`}`;
  }
}

function commandOf({ command }: Action, reason: string): string {
  return command.replace('{reason}', `'${(reason === '' ? '…' : reason).replaceAll("'", `'\\''`)}'`);
}

export function Command({ text }: { readonly text: string }) {
  const [copied, setCopied] = useState(false);
  const copy = () =>
    navigator.clipboard.writeText(text).then(
      () => setCopied(true),
      () => setCopied(false),
    );
  return (
    <p className="command">
      <code>{text}</code>
      <button type="button" className="small" onClick={() => void copy()}>
        {copied ? 'Copied' : 'Copy as command'}
      </button>
    </p>
  );
}

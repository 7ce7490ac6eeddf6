/** The inside of an action's dialog: what it does, what it asks for, what one signs, the same as a command, and what became of it. */
import { useEffect, useId, useRef, useState, type FormEvent } from 'react';
import { useQueryClient } from '@tanstack/react-query';
import { change, Refused } from '../api/call.ts';
import { keys, useProjectNames } from '../api/queries.ts';
import { Command, Copy } from './command.tsx';
import { quoted, type Action, type Given, type ToRead } from './action.ts';
import { Fields, filledIn } from './fields.tsx';

type Progress =
  | { readonly is: 'idle' | 'asking' }
  | { readonly is: 'requested'; readonly answer: unknown }
  | { readonly is: 'refused'; readonly why: string; readonly hint: string | undefined };

export default function Question({
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
  const [given, setGiven] = useState<Given>(() => filledIn(action.fields));
  const [toRead, setToRead] = useState<ToRead>();
  const reason = (given['reason'] ?? '').trim();
  const carry = async (work: () => Promise<unknown>, then: (answer: unknown) => void) => {
    setProgress({ is: 'asking' });
    await work().then(then, (error: unknown) => {
      const problem = error instanceof Refused ? error.problem : undefined;
      // What was refused may be asked again, as another request.
      if (problem?.status !== 0) key.current = crypto.randomUUID();
      setProgress({ is: 'refused', why: problem?.detail ?? String(error), hint: problem?.hint });
    });
  };
  const client = useQueryClient();
  const done = (answer: unknown) => {
    setProgress({ is: 'requested', answer });
    // News about what is of no project do not come to everybody.
    if (!action.path.startsWith('/api/v1/projects/')) void client.invalidateQueries({ queryKey: keys.installation });
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const { before, send } = action;
    if (send !== undefined) void carry(() => send(given, key.current), done);
    else if (before === undefined)
      void carry(() => change(action.pathFor?.(given) ?? action.path, action.body(reason, given), key.current), done);
    else if (toRead === undefined)
      void carry(
        () => before.read(reason, given),
        (read) => {
          setToRead(read as ToRead);
          setProgress({ is: 'idle' });
        },
      );
    else void carry(() => toRead.ways[0]!.act(key.current), done);
  };
  const project = useProjectNamed(action.path);
  const isOver = progress.is === 'requested';
  return (
    <form className="stack" onSubmit={submit}>
      <h2>{action.label}</h2>
      <p>{action.explains}</p>
      <fieldset className="stack bare" disabled={isOver || toRead !== undefined}>
        <Fields fields={action.fields ?? []} given={given} onChange={setGiven} />
        <Reason action={action} given={given} onChange={setGiven} />
      </fieldset>
      {toRead === undefined ? null : <Reading toRead={toRead} />}
      <Command text={`${commandOf(action, { ...given, reason })}${project}`} />
      <Told progress={progress} action={action} />
      <div className="row">
        {isOver ? null : (
          <Ways
            action={action}
            toRead={toRead}
            isBusy={progress.is === 'asking'}
            onOther={(act) => void carry(() => act(key.current), done)}
          />
        )}
        <button type="button" onClick={onClose}>
          {isOver ? 'Close' : 'Not now'}
        </button>
      </div>
    </form>
  );
}

/** Where there are several projects a command has to say which. */
function useProjectNamed(path: string): string {
  const projects = useProjectNames();
  const [, name] = /^\/api\/v1\/projects\/([^/]+)\//.exec(path) ?? [];
  return name === undefined || projects.length < 2 ? '' : ` -p ${quoted(decodeURIComponent(name))}`;
}

function Reason({
  action,
  given,
  onChange,
}: {
  readonly action: Action;
  readonly given: Given;
  readonly onChange: (given: Given) => void;
}) {
  const id = useId();
  if (action.reason === 'none') return null;
  return (
    <label className="stack tight" htmlFor={id}>
      Why{action.reason === 'welcome' ? ' (optional)' : ''}; it is recorded
      <textarea
        id={id}
        rows={2}
        maxLength={1_000}
        required={action.reason === 'needed'}
        value={given['reason'] ?? ''}
        onChange={({ target }) => onChange({ ...given, reason: target.value })}
      />
    </label>
  );
}

/** It takes the focus, so that pressing the same key twice reads nothing away. */
function Reading({ toRead }: { readonly toRead: ToRead }) {
  const id = useId();
  const text = useRef<HTMLPreElement>(null);
  useEffect(() => text.current?.focus(), []);
  return (
    <div className="stack tight">
      <h3 id={id}>{toRead.heading}</h3>
      <pre ref={text} className="statement" tabIndex={0} role="region" aria-labelledby={id}>
        {toRead.text}
      </pre>
    </div>
  );
}

function Ways({
  action,
  toRead,
  isBusy,
  onOther,
}: {
  readonly action: Action;
  readonly toRead: ToRead | undefined;
  readonly isBusy: boolean;
  readonly onOther: (act: ToRead['ways'][number]['act']) => void;
}) {
  const [first, ...others] = toRead?.ways ?? [];
  const label = first?.label ?? action.before?.label ?? action.label;
  return (
    <>
      <button type="submit" className={action.grave === true ? 'grave' : 'primary'} disabled={isBusy}>
        {label}
      </button>
      {others.map((way) => (
        <button key={way.label} type="button" disabled={isBusy} onClick={() => onOther(way.act)}>
          {way.label}
        </button>
      ))}
    </>
  );
}

function Told({ progress, action }: { readonly progress: Progress; readonly action: Action }) {
  const brought = progress.is === 'requested' ? (action.brings?.(progress.answer as never) ?? []) : [];
  return (
    <>
      <p role="status" className={progress.is === 'refused' ? 'refused' : ''}>
        {told(progress)}
      </p>
      {brought.map(({ label, text }) => (
        <div key={label} className="stack tight">
          <p>{label}</p>
          <p className="command">
            <code>{text}</code>
            <Copy text={text} label="Copy" />
          </p>
        </div>
      ))}
    </>
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

/** An empty place is an ellipsis, so that one sees that something belongs there. */
function commandOf({ command }: Action, given: Given): string {
  if (typeof command === 'function') return command(given);
  return command.replace(/\{(\w+)\}/g, (_, name: string) => quoted((given[name] ?? '') === '' ? '…' : given[name]!));
}

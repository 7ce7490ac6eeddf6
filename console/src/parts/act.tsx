/**
 * An action: a button, and behind it a dialog that says what it will do, asks for what it needs, and shows the same as a command.
 * What was asked for is shown as requested; that it happened is told by the server's news.
 */
import {
  createContext,
  Suspense,
  useCallback,
  useContext,
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
  type ReactNode,
} from 'react';
import type { Action } from './action.ts';
import { later } from './later.tsx';
import { Loading } from './trouble.tsx';
import './act.css';

/** Loaded when somebody wants to do something for the first time. */
const Question = later(() => import('./question.tsx'));

const Asking = createContext<(action: Action) => void>(() => undefined);

/** How to put an action before the person; the dialog outlives what its button stood in, which the news may take away. */
export function useAsk(): (action: Action) => void {
  return useContext(Asking);
}

export function Act({ action }: { readonly action: Action }) {
  const ask = useAsk();
  const button = useRef<HTMLButtonElement>(null);
  useLayoutEffect(() => {
    const own = button.current!;
    return () => keepFocusNear(own);
  }, []);
  const looks = action.grave === true ? 'grave' : action.primary === true ? 'primary' : '';
  return (
    <button ref={button} type="button" className={looks} aria-haspopup="dialog" onClick={() => ask(action)}>
      {action.label}
    </button>
  );
}

/** What was done often takes its button away. The focus then goes to what is left around it, not back to the top of the page. */
function keepFocusNear(leaving: HTMLElement): void {
  if (leaving !== document.activeElement) return;
  const around: HTMLElement[] = [];
  for (let at: Element | null = leaving; at !== null; at = at.parentElement)
    if (at instanceof HTMLElement && at.hasAttribute('tabindex')) around.push(at);
  queueMicrotask(() => {
    if (document.activeElement === document.body) around.find((one) => one.isConnected)?.focus();
  });
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
      <dialog
        ref={dialog}
        className={asked?.action.grave === true ? 'grave' : ''}
        onClose={closed}
        aria-label={asked?.action.label ?? ''}
      >
        {asked === undefined ? null : (
          <Suspense fallback={<Loading what="the question" />}>
            <Question key={asked.key} action={asked.action} first={asked.key} onClose={() => dialog.current?.close()} />
          </Suspense>
        )}
      </dialog>
    </Asking>
  );
}

/** What every screen stands in: where one is, where else one can go, who one is, and how old what one sees is. */
import { Suspense, useEffect, useRef, useState, type ReactNode } from 'react';
import { Link, useLocation, useRoute, useSearch } from 'wouter';
import { useNews, useOldest, type Line } from './api/news.ts';
import { useProjectNames, useProjects, useSelf } from './api/queries.ts';
import { useMay } from './api/rights.ts';
import { Ago } from './parts/ago.tsx';
import { Asked } from './parts/act.tsx';
import { later } from './parts/later.tsx';
import './frame.css';

const Palette = later(() => import('./palette/palette.tsx'));

export function Frame({ children }: { readonly children: ReactNode }) {
  const line = useNews();
  const project = useProject();
  return (
    <Asked>
      <a className="skip" href="#main">
        Skip to content
      </a>
      <Header project={project} line={line} />
      <Doubt line={line} />
      <main id="main" tabIndex={-1}>
        {children}
      </main>
    </Asked>
  );
}

/** The project that is looked at, or was before a screen that is about all of them. */
function useProject(): string | undefined {
  const [, params] = useRoute('/p/:project/*?');
  const { data } = useProjects();
  const [last, setLast] = useState<string>();
  // Screens about all of them may be about one by their filter.
  const named = new URLSearchParams(useSearch()).get('project');
  const here = params?.project ?? data?.projects.find(({ name }) => name === named)?.name;
  useEffect(() => {
    if (here !== undefined) setLast(here);
  }, [here]);
  const [only, ...others] = data?.projects ?? [];
  return here ?? last ?? (others.length === 0 ? only?.name : undefined);
}

function Header({ project, line }: { readonly project: string | undefined; readonly line: Line | undefined }) {
  const projects = useProjectNames();
  const self = useSelf();
  const [, go] = useLocation();
  return (
    <header className="frame">
      <Link className="mark" href="/">
        Liftlock
      </Link>
      <label>
        <span className="visually-hidden">Project</span>
        <select value={project ?? ''} onChange={({ target }) => go(`/p/${encodeURIComponent(target.value)}`)}>
          {project === undefined ? <option value="">choose a project</option> : null}
          {projects.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </label>
      <Screens project={project} />
      <span className="grow" />
      <Finding project={project} />
      <span className="quiet small age">
        {line === undefined ? (
          'connecting…'
        ) : (
          <>
            as of <Ago at={line.at} />
          </>
        )}
      </span>
      <Link className="small" href="/you">
        {self.data?.handle ?? 'You'}
      </Link>
    </header>
  );
}

/** Those that there are, and that this person may see. */
function Screens({ project }: { readonly project: string | undefined }) {
  const may = useMay();
  const [here] = useLocation();
  const screens = [
    ...(project === undefined ? [] : screensOf(project)),
    { to: '/notifications', name: 'Notifications', isThere: may('channel:read') },
    { to: '/audit', name: 'Audit', isThere: may('event:read') },
    { to: '/people', name: 'People', isThere: may('person:read') },
    { to: '/access', name: 'Access', isThere: true },
    { to: '/setup', name: 'Setup', isThere: true },
  ];
  const shown = screens.filter(({ isThere }) => isThere);
  const current = currentOf(
    here,
    shown.map(({ to }) => to),
  );
  const nav = useRef<HTMLElement>(null);
  // Where the line of screens scrolls, where one is must not be out of sight.
  useEffect(() => {
    const all = nav.current!;
    const own = all.querySelector<HTMLElement>('[aria-current]');
    if (own !== null) all.scrollLeft = own.offsetLeft - (all.clientWidth - own.offsetWidth) / 2;
  }, [current, shown.length]);
  return (
    <nav ref={nav} className="scroll" aria-label="Screens">
      <ul className="row">
        {shown.map(({ to, name }) => (
          <li key={to}>
            <Link href={to} {...(to === current ? { 'aria-current': 'page' as const } : {})}>
              {name}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}

function screensOf(project: string) {
  const base = `/p/${encodeURIComponent(project)}`;
  return [
    { to: base, name: 'Pipeline', isThere: true },
    { to: `${base}/file`, name: 'File', isThere: true },
    { to: `${base}/controls`, name: 'Controls', isThere: true },
    { to: `${base}/emergency`, name: 'Emergency', isThere: true },
  ];
}

/** The screen with the longest address is where one is; what has none of its own belongs to the pipeline. */
function currentOf(here: string, screens: readonly string[]): string | undefined {
  return screens
    .filter((one) => here === one || here.startsWith(`${one}/`))
    .toSorted((left, right) => right.length - left.length)[0];
}

/** The palette, which is loaded when it is wanted first. */
function Finding({ project }: { readonly project: string | undefined }) {
  const [isOpen, setOpen] = useState(false);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      setOpen(true);
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, []);
  return (
    <>
      <button type="button" className="small" onClick={() => setOpen(true)} aria-keyshortcuts="Control+K Meta+K">
        Find <kbd aria-hidden="true">Ctrl K</kbd>
      </button>
      {isOpen ? (
        <Suspense fallback={null}>
          <Palette project={project} onClose={() => setOpen(false)} />
        </Suspense>
      ) : null}
    </>
  );
}

/** Old things are never shown as if they were fresh. */
function Doubt({ line }: { readonly line: Line | undefined }) {
  const oldest = useOldest();
  if (line !== undefined && !line.open)
    return (
      <p className="lost" role="alert">
        News from the server stopped <Ago at={line.at} />: what you see may be old. This page tries again by itself.
      </p>
    );
  if (oldest === undefined) return null;
  return (
    <p className="lost" role="alert">
      Something here could not be loaded again: it is as it was <Ago at={oldest} />.
    </p>
  );
}

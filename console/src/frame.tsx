/** What every screen stands in: where one is, who one is, and how old what one sees is. */
import type { ReactNode } from 'react';
import { useEffect, useState } from 'react';
import { useQueryClient } from '@tanstack/react-query';
import { Link, useLocation } from 'wouter';
import { follow } from './api/live.ts';
import { forget, useProjects, useSelf } from './api/queries.ts';
import { Ago } from './parts/ago.tsx';
import './frame.css';

interface Line {
  readonly open: boolean;
  readonly at: number;
}

export function Frame({ project, children }: { readonly project: string | undefined; readonly children: ReactNode }) {
  const line = useNews();
  return (
    <>
      <a className="skip" href="#main">
        Skip to content
      </a>
      <Header project={project} line={line} />
      {line !== undefined && !line.open ? (
        <p className="lost" role="alert">
          News from the server stopped <Ago at={line.at} />: what you see may be old. This page tries again by itself.
        </p>
      ) : null}
      <main id="main" tabIndex={-1}>
        {children}
      </main>
    </>
  );
}

function Header({ project, line }: { readonly project: string | undefined; readonly line: Line | undefined }) {
  const projects = useProjects();
  const self = useSelf();
  const [, go] = useLocation();
  return (
    <header className="frame">
      <Link className="mark" href="/">
        Liftlock
      </Link>
      <label className="row">
        <span className="visually-hidden">Project</span>
        <select value={project ?? ''} onChange={({ target }) => go(`/p/${target.value}`)}>
          {project === undefined ? <option value="">choose a project</option> : null}
          {(projects.data?.projects ?? []).map(({ name }) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </label>
      <span className="grow" />
      <span className="quiet small">
        {line === undefined ? (
          'connecting…'
        ) : (
          <>
            as of <Ago at={line.at} />
          </>
        )}
      </span>
      <span className="small">{self.data?.handle ?? ''}</span>
    </header>
  );
}

/** Keeps what is shown true: each event makes what it touches old, a lost line makes everything doubtful. */
function useNews(): Line | undefined {
  const client = useQueryClient();
  const [line, setLine] = useState<Line>();
  useEffect(
    () =>
      follow((news) => {
        if (news.kind === 'line') setLine((before) => (news.open || before?.open !== false ? news : before));
        else if (news.kind === 'resync') void client.invalidateQueries();
        else forget(client, news.event);
      }),
    [client],
  );
  return line;
}

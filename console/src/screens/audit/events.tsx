/** The event log, searched by the server: what one looks for is in the address. */
import { useId, useState, type FormEvent } from 'react';
import { useSearchParams } from 'wouter';
import type { EventView } from '../../../../src/api/contract/events.ts';
import { useProjectNames } from '../../api/queries.ts';
import { useEvents, type EventFilter } from '../../api/records.ts';
import { quoted } from '../../parts/action.ts';
import { Ago } from '../../parts/ago.tsx';
import { Command } from '../../parts/command.tsx';
import { Shown } from '../../parts/shown.tsx';
import { Table } from '../../parts/table.tsx';
import { EventRow } from './event-row.tsx';

/** As many as one page has. */
const most = 200;

const names = ['project', 'kind', 'actor', 'environment', 'release', 'promotion', 'since', 'until'] as const;
type Name = (typeof names)[number];
type Wanted = Readonly<Record<Name, string>>;

export function Events() {
  const [search, setSearch] = useSearchParams();
  const wanted = Object.fromEntries(names.map((name) => [name, search.get(name) ?? ''])) as Wanted;
  const [after, before] = [search.get('after') ?? '', search.get('before') ?? ''];
  const events = useEvents(filterOf(wanted, { after, before }));
  const show = (next: Partial<Record<Name | 'after' | 'before', string>>) =>
    setSearch(
      (old) => {
        const given = { ...Object.fromEntries(old), after: '', before: '', ...next };
        return new URLSearchParams(Object.entries(given).filter(([, value]) => value !== ''));
      },
      { replace: true },
    );
  return (
    <section className="sheet stack" aria-labelledby="events">
      <h2 id="events">What happened</h2>
      <Search key={search.toString()} wanted={wanted} known={events.data?.events ?? []} onSearch={show} />
      <Shown query={events} what="events">
        {(page) => (
          <>
            <Page events={page.events} isSearched={names.some((name) => wanted[name] !== '')} />
            <div className="row">
              <button
                type="button"
                disabled={page.events.length < most || after !== ''}
                onClick={() => show({ before: page.events[0]?.cursor ?? '' })}
              >
                {most} before these
              </button>
              <button type="button" onClick={() => show({ after: 'beginning' })}>
                From the beginning
              </button>
              {after === '' ? null : (
                <button
                  type="button"
                  disabled={page.events.length < most}
                  onClick={() => show({ after: page.cursor ?? '' })}
                >
                  Next {most}
                </button>
              )}
              {after === '' && before === '' ? null : (
                <button type="button" onClick={() => show({})}>
                  The newest
                </button>
              )}
              <Save events={page.events} />
            </div>
          </>
        )}
      </Shown>
      <Command text={commandOf(wanted)} />
    </section>
  );
}

function filterOf(wanted: Wanted, place: { readonly after: string; readonly before: string }): EventFilter {
  const { since, until, release } = wanted;
  return {
    ...wanted,
    release: release.replace('#', ''),
    since: millisecondsOf(since),
    until: millisecondsOf(until),
    cursor: place.after,
    before: place.before,
  };
}

function millisecondsOf(time: string): string {
  const at = Date.parse(time);
  return Number.isNaN(at) ? '' : String(at);
}

function commandOf(wanted: Wanted): string {
  const options = {
    kind: 'kind',
    actor: 'by',
    environment: 'environment',
    release: 'release',
    since: 'since',
    until: 'until',
  };
  const given = Object.entries(options).flatMap(([name, option]) => {
    const value = wanted[name as Name];
    return value === '' ? [] : [`--${option} ${quoted(value)}`];
  });
  const project = wanted.project === '' ? [] : [`-p ${quoted(wanted.project)}`];
  return ['liftlock', ...project, 'events', ...given].join(' ');
}

function Search({
  wanted,
  known,
  onSearch,
}: {
  readonly wanted: Wanted;
  readonly known: readonly EventView[];
  readonly onSearch: (wanted: Wanted) => void;
}) {
  const projects = useProjectNames();
  const [draft, setDraft] = useState(wanted);
  const kinds = useId();
  const set = (name: Name) => (value: string) => setDraft({ ...draft, [name]: value });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onSearch(draft);
  };
  return (
    <form className="row filters" role="search" onSubmit={submit}>
      <label>
        Project
        <select value={draft.project} onChange={({ target }) => set('project')(target.value)}>
          <option value="">every</option>
          {projects.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </label>
      <Field label="Kind" value={draft.kind} onChange={set('kind')} list={kinds} />
      <datalist id={kinds}>
        {[...new Set(known.map(({ kind }) => kind))].toSorted().map((kind) => (
          <option key={kind} value={kind} />
        ))}
      </datalist>
      <Field label="Who" value={draft.actor} onChange={set('actor')} />
      <Field label="Environment" value={draft.environment} onChange={set('environment')} />
      <Field label="Release" value={draft.release} onChange={set('release')} />
      <Field label="Promotion" value={draft.promotion} onChange={set('promotion')} />
      <Field label="From" type="datetime-local" value={draft.since} onChange={set('since')} />
      <Field label="Until" type="datetime-local" value={draft.until} onChange={set('until')} />
      <button type="submit">Search</button>
    </form>
  );
}

function Field({
  label,
  value,
  onChange,
  type = 'search',
  list,
}: {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly type?: string;
  readonly list?: string;
}) {
  return (
    <label>
      {label}
      <input type={type} list={list} value={value} onChange={({ target }) => onChange(target.value.trim())} />
    </label>
  );
}

function Page({ events, isSearched }: { readonly events: readonly EventView[]; readonly isSearched: boolean }) {
  const [oldest] = events;
  if (oldest === undefined)
    return (
      <p className="quiet">
        {isSearched
          ? 'Nothing in the whole log matches.'
          : 'Nothing has happened yet. Whatever anybody does, or the system does by itself, will be here.'}
      </p>
    );
  return (
    <>
      <p className="quiet small">
        {events.length} events, since <Ago at={oldest.at} />
      </p>
      <Table label="Events" columns={['When', 'What', 'Who', 'Where', 'Release', 'More']}>
        {events.toReversed().map((event) => (
          <EventRow key={event.cursor} event={event} />
        ))}
      </Table>
    </>
  );
}

/** What is shown, an event a line. */
function Save({ events }: { readonly events: readonly EventView[] }) {
  if (events.length === 0) return null;
  const lines = events.map((event) => `${JSON.stringify(event)}\n`).join('');
  return (
    <a download="events.jsonl" href={`data:application/jsonl;charset=utf-8,${encodeURIComponent(lines)}`}>
      Save these events
    </a>
  );
}

/** What happened, who did it, and that nobody changed the record since. */
import type { EventView } from '../../../../src/api/contract/events.ts';
import { useProjects } from '../../api/queries.ts';
import { useAudit, useEvents } from '../../api/records.ts';
import { useMay } from '../../api/rights.ts';
import { Command } from '../../parts/command.tsx';
import { Ago } from '../../parts/ago.tsx';
import { useFilter } from '../../parts/filter.tsx';
import { Shown } from '../../parts/shown.tsx';
import { State } from '../../parts/state.tsx';
import { EventRow } from './event-row.tsx';
import { Table } from '../../parts/table.tsx';

/** As many as one page has. */
const most = 200;

export default function Audit() {
  return (
    <div className="stack">
      <h1>Audit</h1>
      <Chain />
      <Events />
    </div>
  );
}

function Chain() {
  const may = useMay();
  const audit = useAudit(may('audit:read'));
  if (!may('audit:read')) return null;
  return (
    <section className="sheet stack" aria-labelledby="chain">
      <h2 id="chain">The log</h2>
      <Shown query={audit} what="the state of the log">
        {({ size, waiting, lost, refused, origin, checkpoint }) => (
          <>
            <p>
              {lost > 0 ? (
                <State tone="bad" word={`${lost} events are missing`} />
              ) : refused === null && checkpoint === null ? (
                <State tone="idle" word="not begun" />
              ) : refused === null ? (
                <State tone="good" word="whole" />
              ) : (
                <State tone="bad" word="not continued" />
              )}{' '}
              {refused ?? `${size} events are in the log of ${origin}, each bound to all before it.`}{' '}
              {waiting === 0 ? '' : `${waiting} more are about to be.`}
            </p>
            {checkpoint === null ? (
              <p className="quiet">No checkpoint was signed yet.</p>
            ) : (
              <details>
                <summary>The signed checkpoint</summary>
                <pre className="note">{checkpoint}</pre>
              </details>
            )}
            <Command text="liftlock audit verify" />
            <Command text="liftlock audit export --format jsonl" />
          </>
        )}
      </Shown>
    </section>
  );
}

function Events() {
  const projects = useProjects();
  const [project, setProject] = useFilter('project');
  const [promotion, setPromotion] = useFilter('promotion');
  const [kind, setKind] = useFilter('kind');
  const [actor, setActor] = useFilter('actor');
  const [environment, setEnvironment] = useFilter('environment');
  const [cursor, setCursor] = useFilter('after');
  const events = useEvents({ project, promotion, cursor });
  const isWanted = (event: EventView) =>
    event.kind.includes(kind) && event.actor.includes(actor) && (event.environment ?? '').includes(environment);
  return (
    <section className="sheet stack" aria-labelledby="events">
      <h2 id="events">What happened</h2>
      <form className="row filters" role="search" onSubmit={(event) => event.preventDefault()}>
        <label>
          Project
          <select value={project} onChange={({ target }) => setProject(target.value)}>
            <option value="">every</option>
            {(projects.data?.projects ?? []).map(({ name }) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
        <Field label="Kind" value={kind} onChange={setKind} />
        <Field label="Who" value={actor} onChange={setActor} />
        <Field label="Environment" value={environment} onChange={setEnvironment} />
        <Field label="Promotion" value={promotion} onChange={setPromotion} />
      </form>
      <Shown query={events} what="events">
        {(page) => {
          const shown = page.events.filter(isWanted).toReversed();
          return (
            <>
              <p className="quiet small">
                {shown.length} of the {page.events.length} {cursor === '' ? 'newest' : 'events of this page'}
                {page.events[0] === undefined ? null : (
                  <>
                    , since <Ago at={page.events[0].at} />
                  </>
                )}
              </p>
              {shown.length === 0 ? (
                <p className="quiet">
                  {page.events.length === 0
                    ? 'Nothing has happened yet. Whatever anybody does, or the system does by itself, will be here.'
                    : 'Nothing here matches.'}
                </p>
              ) : (
                <Table label="Events" columns={['When', 'What', 'Who', 'Where', 'Release', 'More']}>
                  {shown.map((event) => (
                    <EventRow key={event.cursor} event={event} />
                  ))}
                </Table>
              )}
              <div className="row">
                <button type="button" onClick={() => setCursor('beginning')}>
                  From the beginning
                </button>
                {cursor === '' ? null : (
                  <>
                    <button
                      type="button"
                      disabled={page.events.length < most}
                      onClick={() => setCursor(page.cursor ?? '')}
                    >
                      Next {most}
                    </button>
                    <button type="button" onClick={() => setCursor('')}>
                      The newest
                    </button>
                  </>
                )}
              </div>
            </>
          );
        }}
      </Shown>
    </section>
  );
}

function Field({
  label,
  value,
  onChange,
}: {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
}) {
  return (
    <label>
      {label}
      <input type="search" value={value} onChange={({ target }) => onChange(target.value.trim())} />
    </label>
  );
}

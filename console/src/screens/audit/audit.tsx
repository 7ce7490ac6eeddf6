/** What happened, who did it, and that nobody changed the record since. */
import { useAudit } from '../../api/records.ts';
import { useMay } from '../../api/rights.ts';
import { Command } from '../../parts/command.tsx';
import { Shown } from '../../parts/shown.tsx';
import { State } from '../../parts/state.tsx';
import { Events } from './events.tsx';

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
              {refused ?? (
                <>
                  {size} events are in the log of <code className="anywhere">{origin}</code>, each bound to all before
                  it.
                </>
              )}{' '}
              {waiting === 0 ? '' : `${waiting} more ${waiting === 1 ? 'follows' : 'follow'} in a moment.`}
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
            <p className="small">
              <a href="/api/v1/audit/entries?from=0&amp;limit=1000" download="audit-entries.json">
                Save the first 1,000 entries
              </a>{' '}
              <span className="quiet">or all of them, in a file that is checked without this server:</span>
            </p>
            <Command text="liftlock audit export --jsonl" />
          </>
        )}
      </Shown>
    </section>
  );
}

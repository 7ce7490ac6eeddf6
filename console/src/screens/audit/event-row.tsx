import { Link } from 'wouter';
import type { EventView } from '../../../../src/api/contract/events.ts';
import { useProof } from '../../api/records.ts';
import { useMay } from '../../api/rights.ts';
import { Command } from '../../parts/command.tsx';
import { Ago } from '../../parts/ago.tsx';
import { OpeningRow } from '../../parts/opening-row.tsx';
import { Shown } from '../../parts/shown.tsx';
import { Where } from '../../parts/where.tsx';

export function EventRow({ event }: { readonly event: EventView }) {
  const { project, release } = event;
  return (
    <OpeningRow word="Details" of={`${event.kind} ${event.cursor}`} columns={6} more={<Details event={event} />}>
      <td>
        <Ago at={event.at} />
      </td>
      <th scope="row">
        <code>{event.kind}</code>
      </th>
      <td>{event.actor}</td>
      <td>
        <Where about={event} />
      </td>
      <td>
        {release === null ? (
          <span className="quiet">—</span>
        ) : (
          <Link href={`/p/${encodeURIComponent(project ?? '')}/releases/${release.number}`}>#{release.number}</Link>
        )}
      </td>
    </OpeningRow>
  );
}

function Details({ event }: { readonly event: EventView }) {
  const may = useMay();
  return (
    <div className="stack">
      <pre className="note">{JSON.stringify(event.data, null, 2)}</pre>
      {may('audit:read') ? <Proof event={event.cursor} /> : null}
    </div>
  );
}

/** The proof as a file: it is worth something because it is checked elsewhere. */
function Proof({ event }: { readonly event: string }) {
  const proof = useProof(event);
  return (
    <Shown query={proof} what="the proof">
      {(data) => (
        <>
          <p>
            Entry {data.entry.index} of the log, proved by {data.entry.proof.length} hashes up to a signed checkpoint.{' '}
            <a
              download={`proof-${data.entry.index}.json`}
              href={`data:application/json;charset=utf-8,${encodeURIComponent(JSON.stringify(data, null, 2))}`}
            >
              Save the proof
            </a>
          </p>
          <Command text={`liftlock audit proof ${event}`} />
        </>
      )}
    </Shown>
  );
}

import { memo, useState } from 'react';
import type { RolloutSeriesView } from '../../../../src/api/contract/rollouts.ts';
import { timeOfDay } from '../../parts/ago.tsx';
import { Table } from '../../parts/table.tsx';

type Side = RolloutSeriesView['points'][number]['ofNew'];

/** The chart as a table, the latest first; made when it is opened. */
export const Numbers = memo(function Numbers({ series }: { readonly series: RolloutSeriesView }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <details className="numbers" onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>The same in numbers</summary>
      {isOpen ? <Tables series={series} /> : null}
    </details>
  );
});

function Tables({ series: { points, happened } }: { readonly series: RolloutSeriesView }) {
  return (
    <div className="stack">
      <Table
        label="The course of the rollout"
        columns={[
          'Until',
          'Step',
          'Share',
          'New: failed',
          'New: 4xx',
          'New: 95 %',
          'Old: failed',
          'Old: 4xx',
          'Old: 95 %',
        ]}
      >
        {points.toReversed().map(({ at, step, percent, ofNew, ofStable }) => (
          <tr key={at}>
            <th scope="row">{clock(at)}</th>
            <td>{step ?? '—'}</td>
            <td>{percent === null ? '—' : `${percent} %`}</td>
            <td>{failed(ofNew)}</td>
            <td>{ofNew.clientErrors ?? '—'}</td>
            <td>{slow(ofNew)}</td>
            <td>{failed(ofStable)}</td>
            <td>{ofStable.clientErrors ?? '—'}</td>
            <td>{slow(ofStable)}</td>
          </tr>
        ))}
      </Table>
      {happened.length === 0 ? null : (
        <Table label="What happened" columns={['When', 'What', 'By']}>
          {happened.map(({ at, kind, what, by }) => (
            <tr key={`${at} ${kind}`}>
              <th scope="row">{clock(at)}</th>
              <td>
                {kind.replace('rollout.', '')}
                {what === '' ? '' : `: ${what}`}
              </td>
              <td>{by}</td>
            </tr>
          ))}
        </Table>
      )}
    </div>
  );
}

function clock(at: number) {
  return (
    <time dateTime={new Date(at).toISOString()} title={new Date(at).toISOString()}>
      {timeOfDay(at)}
    </time>
  );
}

function failed({ failures, requests }: Side): string {
  return requests === 0 ? '—' : `${failures} of ${requests}`;
}

function slow({ p95Ms }: Side): string {
  return p95Ms === null ? '—' : `${Math.round(p95Ms)} ms`;
}

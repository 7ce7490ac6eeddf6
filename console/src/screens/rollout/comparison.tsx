import type { RolloutView } from '../../../../src/api/contract/rollouts.ts';
import { Table } from '../../parts/table.tsx';

interface Measure {
  readonly name: string;
  readonly ofNew: number | null;
  readonly ofStable: number | null;
  readonly limit: number | null;
  readonly say: (value: number) => string;
}

const inMs = (value: number) => `${Math.round(value)} ms`;
const inPercent = (value: number) => `${(value * 100).toFixed(2)} %`;

/** The new release against the old one on the same scale, with the limit drawn and how many requests each is known by. */
export function Comparison({ rollout }: { readonly rollout: RolloutView }) {
  const { ofNew, ofStable, limits, release, stable } = rollout;
  const measures: readonly Measure[] = [
    {
      name: 'Failed requests',
      ofNew: ofNew.errorRate,
      ofStable: ofStable.errorRate,
      limit: limits.errorRate,
      say: inPercent,
    },
    ...kindsOf(rollout),
    {
      name: 'Client errors (4xx)',
      ofNew: ofNew.clientErrorRate,
      ofStable: ofStable.clientErrorRate,
      limit: limits.clientErrorRate,
      say: inPercent,
    },
    { name: 'Half are faster than', ofNew: ofNew.p50Ms, ofStable: ofStable.p50Ms, limit: null, say: inMs },
    { name: '95 % are faster than', ofNew: ofNew.p95Ms, ofStable: ofStable.p95Ms, limit: limits.p95Ms, say: inMs },
    { name: '99 % are faster than', ofNew: ofNew.p99Ms, ofStable: ofStable.p99Ms, limit: limits.p99Ms, say: inMs },
  ];
  return (
    <section className="sheet stack" aria-labelledby="comparison">
      <h2 id="comparison">New against old</h2>
      <p>
        #{release.number} by {ofNew.requests} requests
        {stable === null ? '' : `, #${stable.number} by ${ofStable.requests}`}
        {limits.minRequests === null ? '' : `; judged from ${limits.minRequests} on`}.
      </p>
      <Table
        label="New against old"
        columns={['What', `#${release.number}`, `#${stable?.number ?? '—'}`, 'Limit', 'Picture']}
      >
        {measures.map((measure) => (
          <tr key={measure.name}>
            <th scope="row">{measure.name}</th>
            <td>{said(measure, measure.ofNew)}</td>
            <td>{said(measure, measure.ofStable)}</td>
            <td>{measure.limit === null ? <span className="quiet">none</span> : measure.say(measure.limit)}</td>
            <td>
              <Bars measure={measure} />
            </td>
          </tr>
        ))}
      </Table>
    </section>
  );
}

/** What kind of failures there were, where there were any. */
function kindsOf({ ofNew, ofStable }: RolloutView): readonly Measure[] {
  const kinds = [
    { kind: 'unanswered', name: 'of these, without an answer' },
    { kind: 'brokenOff', name: 'of these, broken off half-way' },
  ] as const;
  return kinds
    .filter(({ kind }) => (ofNew[kind] ?? 0) + (ofStable[kind] ?? 0) > 0)
    .map(({ kind, name }) => ({ name, ofNew: ofNew[kind], ofStable: ofStable[kind], limit: null, say: String }));
}

function said({ say }: Measure, value: number | null) {
  return value === null ? <span className="quiet">not known yet</span> : say(value);
}

/** The numbers stand beside it. */
function Bars({ measure: { ofNew, ofStable, limit } }: { readonly measure: Measure }) {
  const most = Math.max(ofNew ?? 0, ofStable ?? 0, limit ?? 0);
  const width = (value: number | null) => (most === 0 ? 0 : (100 * (value ?? 0)) / most);
  return (
    <svg className="bars" viewBox="0 0 100 16" preserveAspectRatio="none" aria-hidden="true">
      <rect className="new" y="1" width={width(ofNew)} height="6" />
      <rect className="old" y="9" width={width(ofStable)} height="6" />
      {limit === null ? null : <line className="limit" x1={width(limit)} x2={width(limit)} y1="0" y2="16" />}
    </svg>
  );
}

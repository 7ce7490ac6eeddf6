/** New against old over time: what failed, how long it took, how many there were, and the share under which it was counted. */
import { memo, useMemo, useState } from 'react';
import type { UseQueryResult } from '@tanstack/react-query';
import type { RolloutSeriesView, RolloutView } from '../../../../src/api/contract/rollouts.ts';
import { timeOfDay } from '../../parts/ago.tsx';
import { Shown } from '../../parts/shown.tsx';
import { boundariesOf, curvesOf, percent, type Curve, type Curves } from './curves.ts';
import { useInks } from './inks.ts';
import { Numbers } from './numbers.tsx';
import { Panel, type Line } from './panel.tsx';

export default function Course({
  rollout,
  series,
}: {
  readonly rollout: RolloutView;
  readonly series: UseQueryResult<RolloutSeriesView>;
}) {
  return (
    <section className="sheet stack" aria-labelledby="course">
      <h2 id="course">New against old over time</h2>
      <Shown query={series} what="the course of the rollout">
        {(data) =>
          data.points.length === 0 ? (
            <p className="quiet">Nothing has been counted yet. The first points come with the first requests.</p>
          ) : (
            <Known series={data} rollout={rollout} />
          )
        }
      </Shown>
    </section>
  );
}

interface Drawn {
  readonly series: RolloutSeriesView;
  readonly rollout: RolloutView;
}

function Known({ series, rollout }: Drawn) {
  const [pointed, setPointed] = useState<number | null>(null);
  const curves = useMemo(() => curvesOf(series.points), [series.points]);
  const { errorRate, clientErrorRate, p95Ms } = series.limits;
  const hasLimit = errorRate !== null || p95Ms !== null || (curves.refused !== undefined && clientErrorRate !== null);
  const index = pointed === null ? series.points.length - 1 : Math.min(pointed, series.points.length - 1);
  return (
    <>
      <Legend rollout={rollout} hasLimit={hasLimit} />
      <div className="panels" role="img" aria-label={summaryOf(rollout)}>
        <Strips curves={curves} series={series} onPoint={setPointed} />
      </div>
      <Readout curves={curves} series={series} index={index} />
      <p className="small">{summaryOf(rollout)}</p>
      <Numbers series={series} />
    </>
  );
}

/** Drawn again when there are other numbers, and not while somebody points at them. */
const Strips = memo(function Strips({
  curves,
  series: { points, limits, release },
  onPoint,
}: {
  readonly curves: Curves;
  readonly series: RolloutSeriesView;
  readonly onPoint: (index: number | null) => void;
}) {
  const shared = {
    at: curves.at,
    boundaries: boundariesOf(points),
    inks: useInks(),
    onPoint,
    isFirst: false,
    isLast: false,
  };
  const { errorRate, clientErrorRate, p95Ms } = limits;
  return (
    <>
      <Panel {...shared} title="Failed requests" unit="%" lines={compared(curves.failed, percent(errorRate))} isFirst />
      {curves.refused === undefined ? null : (
        <Panel
          {...shared}
          title="Answered with 4xx"
          unit="%"
          lines={compared(curves.refused, percent(clientErrorRate))}
        />
      )}
      <Panel {...shared} title="95 % are faster than" unit="ms" lines={compared(curves.p95, p95Ms)} />
      <Panel {...shared} title="Requests" unit="a second" lines={compared(curves.perSecond, null)} />
      <Panel
        {...shared}
        title={`Share of #${release.number}`}
        unit="%"
        lines={[{ is: 'share', curve: curves.percent }]}
        isLast
      />
    </>
  );
});

function compared({ ofNew, ofStable }: Curves['failed'], limit: number | null): readonly Line[] {
  const lines: Line[] = [
    { is: 'old', curve: ofStable },
    { is: 'new', curve: ofNew },
  ];
  return limit === null ? lines : [...lines, { is: 'limit', curve: ofNew.map(() => limit) }];
}

function Legend({
  rollout: { release, stable },
  hasLimit,
}: {
  readonly rollout: RolloutView;
  readonly hasLimit: boolean;
}) {
  return (
    <ul className="row small legend">
      <Key is="new" word={`#${release.number}, the new one`} />
      <Key is="old" word={stable === null ? 'the old one' : `#${stable.number}, the old one`} />
      {hasLimit ? <Key is="limit" word="limit" /> : null}
    </ul>
  );
}

function Key({ is, word }: { readonly is: string; readonly word: string }) {
  return (
    <li className="row">
      <svg className={is} viewBox="0 0 32 8" aria-hidden="true">
        <line x1="0" x2="32" y1="4" y2="4" />
      </svg>
      {word}
    </li>
  );
}

/** The numbers of one point: of the latest, or of the one that is pointed at. */
function Readout({
  curves,
  series,
  index,
}: {
  readonly curves: Curves;
  readonly series: RolloutSeriesView;
  readonly index: number;
}) {
  const point = series.points[index];
  if (point === undefined) return null;
  const said = (curve: Curve, digits: number, unit: string) => {
    const value = curve[index];
    return value === null || value === undefined ? '—' : `${value.toFixed(digits)} ${unit}`;
  };
  return (
    <p className="small readout" aria-hidden="true">
      <strong>{timeOfDay(point.at)}</strong>: failed {said(curves.failed.ofNew, 2, '%')} of {point.ofNew.requests},
      against {said(curves.failed.ofStable, 2, '%')} of {point.ofStable.requests};{' '}
      {curves.refused === undefined
        ? null
        : `4xx ${said(curves.refused.ofNew, 2, '%')}, against ${said(curves.refused.ofStable, 2, '%')}; `}
      95 % faster than {said(curves.p95.ofNew, 0, 'ms')}, against {said(curves.p95.ofStable, 0, 'ms')}; share{' '}
      {said(curves.percent, 0, '%')}
    </p>
  );
}

/** Without the digits that a product of fractions makes up. */
function inPercent(rate: number): string {
  return `${Number((rate * 100).toFixed(4))} %`;
}

/** What the picture says, over the whole rollout. */
function summaryOf({ release, stable, ofNew, ofStable, percent, limits }: RolloutView): string {
  const side = (name: string, { requests, failures, clientErrors, p95Ms }: RolloutView['ofNew']) =>
    `${name}: ${failures} of ${requests} requests failed${clientErrors ? `, ${clientErrors} were answered with 4xx` : ''}${p95Ms === null ? '' : `, 95 % were faster than ${Math.round(p95Ms)} ms`}`;
  const bounds = [
    ...(limits.errorRate === null ? [] : [`${inPercent(limits.errorRate)} failed`]),
    ...(limits.clientErrorRate === null ? [] : [`${inPercent(limits.clientErrorRate)} answered with 4xx`]),
    ...(limits.p95Ms === null ? [] : [`${limits.p95Ms} ms`]),
  ];
  return `${side(`#${release.number}`, ofNew)}; ${side(stable === null ? 'the old one' : `#${stable.number}`, ofStable)}. The share is ${percent} %.${bounds.length === 0 ? '' : ` The limit is ${bounds.join(' and ')}.`}`;
}

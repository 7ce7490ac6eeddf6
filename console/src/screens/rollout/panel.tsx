/** One strip of the chart, drawn by uPlot; all strips share their time. What it shows stands in a table as well. */
import { useEffect, useRef } from 'react';
import Plot, { type AlignedData, type Axis, type Options, type Series } from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { timeOfDay } from '../../parts/ago.tsx';
import type { Curve } from './curves.ts';
import type { Inks } from './inks.ts';

/** Told apart without colours, too: by width and dashes. */
export interface Line {
  readonly is: 'new' | 'old' | 'limit' | 'share';
  readonly curve: Curve;
}

export interface PanelProps {
  readonly title: string;
  readonly unit: string;
  readonly at: readonly number[];
  readonly lines: readonly Line[];
  readonly boundaries: readonly { readonly at: number; readonly step: number }[];
  readonly inks: Inks;
  /** The first strip names the steps, the last says the time. */
  readonly isFirst: boolean;
  readonly isLast: boolean;
  /** At which point the pointer is. */
  readonly onPoint: (index: number | null) => void;
}

const heights = { usual: 132, last: 158 };

export function Panel(props: PanelProps) {
  const { title, unit, at, lines, inks, isLast } = props;
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<Plot>(undefined);
  const latest = useRef(props);
  useEffect(() => {
    latest.current = props;
  });
  const data = [at, ...lines.map(({ curve }) => curve)] as AlignedData;
  // Of what the chart is made: another number of lines, or other colours, make another one.
  const make = `${lines.map(({ is }) => is).join(' ')} ${Object.values(inks).join(' ')} ${isLast}`;
  useEffect(() => {
    const parent = place.current!;
    const made = new Plot(optionsOf(latest, parent.clientWidth), [[]], parent);
    plot.current = made;
    const watch = new ResizeObserver(() => made.setSize({ width: parent.clientWidth, height: made.height }));
    watch.observe(parent);
    return () => {
      watch.disconnect();
      made.destroy();
      plot.current = undefined;
    };
  }, [make]);
  useEffect(() => plot.current?.setData(data));
  return (
    <div className="panel">
      <p className="small">
        <strong>{title}</strong>
        {isOnAxis(unit) ? null : <span className="quiet"> ({unit})</span>}
      </p>
      <div ref={place} aria-hidden="true" />
    </div>
  );
}

function optionsOf(latest: { readonly current: PanelProps }, width: number): Options {
  const { inks, lines, isLast, unit } = latest.current;
  const isShare = lines.some(({ is }) => is === 'share');
  const axis: Axis = {
    stroke: inks.text,
    grid: { stroke: inks.faint, width: 1 },
    ticks: { stroke: inks.faint, width: 1 },
  };
  return {
    width,
    height: isLast ? heights.last : heights.usual,
    // To the right there is room for half of the last time.
    padding: [10, 30, isLast ? null : 4, null],
    cursor: { sync: { key: 'rollout' }, drag: { x: false, y: false }, y: false, points: { size: 6 } },
    legend: { show: false },
    scales: {
      x: { time: true },
      y: { range: isShare ? [0, 100] : (_plot, _least, most) => [0, (most || 1) * 1.1] },
    },
    axes: [
      isLast
        ? { ...axis, space: 90, values: (_plot, times) => times.map(firstOfSecond) }
        : { ...axis, size: 0, values: (_plot, times) => times.map(() => '') },
      { ...axis, size: 56, space: 28, values: (_plot, values) => values.map((value) => short(value, unit)) },
    ],
    series: [{}, ...lines.map((line) => seriesOf(line, inks))],
    hooks: {
      drawAxes: [(plot) => drawBoundaries(plot, latest.current)],
      setCursor: [({ cursor: { idx } }) => latest.current.onPoint(idx ?? null)],
    },
  };
}

function seriesOf({ is }: Line, inks: Inks): Series {
  const common: Series = { spanGaps: true, points: { size: 5 } };
  switch (is) {
    case 'new':
      return { ...common, stroke: inks.fresh, width: 2.5 };
    case 'old':
      return { ...common, stroke: inks.old, width: 1.5, dash: [6, 4] };
    case 'limit':
      return { ...common, points: { show: false }, stroke: inks.limit, width: 1.5, dash: [2, 3] };
    case 'share':
      return {
        ...common,
        points: { show: false },
        stroke: inks.fresh,
        width: 2,
        paths: Plot.paths.stepped!({ align: -1 }),
      };
  }
}

/** A line where a step begins; its number stands at the top of the first strip. */
function drawBoundaries(plot: Plot, { boundaries, inks, isFirst }: PanelProps): void {
  const { ctx, bbox } = plot;
  const scale = devicePixelRatio;
  ctx.save();
  ctx.strokeStyle = inks.text;
  ctx.fillStyle = inks.text;
  ctx.font = `${11 * scale}px system-ui, sans-serif`;
  ctx.textAlign = 'left';
  ctx.textBaseline = 'top';
  ctx.lineWidth = scale;
  ctx.setLineDash([scale, 3 * scale]);
  let free = -Infinity;
  for (const { at, step } of boundaries) {
    const x = Math.round(plot.valToPos(at, 'x', true));
    if (x < bbox.left || x > bbox.left + bbox.width) continue;
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    if (!isFirst) continue;
    const label = `step ${step}`;
    const { width } = ctx.measureText(label);
    const gap = 4 * scale;
    // At the right edge it stands before its line.
    const isCut = x + gap + width > bbox.left + bbox.width;
    const from = isCut ? x - gap - width : x + gap;
    if (from < free) continue;
    ctx.fillText(label, from, bbox.top + 2 * scale);
    free = from + width + 2 * gap;
  }
  ctx.restore();
}

/** In a rollout of few seconds several marks are within one: the first of them names it. */
function firstOfSecond(time: number, index: number, times: readonly number[]): string {
  const said = timeOfDay(time * 1_000);
  const before = times[index - 1];
  return before !== undefined && timeOfDay(before * 1_000) === said ? '' : said;
}

/** Each mark of the axis says it. */
function isOnAxis(unit: string): boolean {
  return unit === 'ms' || unit === '%';
}

function short(value: number, unit: string): string {
  if (unit === 'ms') return value >= 1_000 ? `${value / 1_000} s` : `${value} ms`;
  const said = value >= 1_000 ? `${value / 1_000}k` : `${value}`;
  return unit === '%' ? `${said} %` : said;
}

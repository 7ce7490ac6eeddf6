/** The course of a rollout in so few points that a chart can show them: neighbours are merged, so that nothing that was counted is left out. */
import { plus, type Duration, type Instant } from '../base/time.ts';
import { add, emptySample, sumOf, type Sample } from '../observation/sample.ts';
import type { ComparedMetric } from '../verdict/comparison.ts';
import type { Span } from './judge.ts';

/** What was counted until one look, and what followed from it. What an older version counted says less. */
export interface Look {
  readonly at: Instant;
  readonly span: Span;
  /** The share it was counted under, in parts of 10,000. */
  readonly weight: number | undefined;
  readonly step: number | undefined;
  readonly evidence: Readonly<Record<ComparedMetric, number>> | undefined;
}

export interface SeriesPoint extends Pick<Look, 'weight' | 'step' | 'evidence'> {
  /** From the look before its first one. */
  readonly from: Instant;
  /** Its last look. */
  readonly at: Instant;
  readonly ofNew: Sample;
  readonly ofStable: Sample;
  /** Requests of the new release that were not judged, because it warmed up. */
  readonly unjudged: Sample;
}

export interface Series {
  readonly begin: Instant;
  /** Looks that fall into one such stretch of time are one point. */
  readonly width: Duration;
  readonly most: number;
  readonly points: readonly SeriesPoint[];
}

const finest = 1_000 as Duration;

export function emptySeries(begin: Instant, most: number): Series {
  return { begin, width: finest, most, points: [] };
}

/** With looks that came after those it has. Points become twice as wide until there are no more than are wanted. */
export function withLooks(series: Series, looks: readonly Look[]): Series {
  let { width } = series;
  let before = series.points.at(-1)?.at ?? series.begin;
  const all = [...series.points];
  for (const look of looks) {
    all.push(pointOf(look, before));
    before = look.at;
  }
  const { begin, most } = series;
  let points = gathered(all, { begin, width, apart: true });
  while (points.length > most) {
    const isOne = plus(begin, width) >= before;
    if (!isOne) width = (width * 2) as Duration;
    points = gathered(points, { begin, width, apart: !isOne });
  }
  return { ...series, width, points };
}

function pointOf({ at, span, weight, step, evidence }: Look, from: Instant): SeriesPoint {
  const unjudged = span.unjudged === undefined ? emptySample : sumOf(span.unjudged);
  return { from, at, weight, step, evidence, ofNew: sumOf(span.ofNew), ofStable: sumOf(span.ofStable), unjudged };
}

/** `apart`: what was counted in one step is not said of another; given up only where there are more steps than points. */
function gathered(
  points: readonly SeriesPoint[],
  { begin, width, apart }: Pick<Series, 'begin' | 'width'> & { readonly apart: boolean },
): readonly SeriesPoint[] {
  const found: SeriesPoint[] = [];
  let end = begin;
  for (const point of points) {
    const last = found.at(-1);
    if (last !== undefined && point.at <= end && (!apart || point.step === last.step))
      found[found.length - 1] = merged(last, point);
    else {
      found.push(point);
      end = plus(begin, (Math.ceil((point.at - begin) / width) * width) as Duration);
    }
  }
  return found;
}

function merged(left: SeriesPoint, right: SeriesPoint): SeriesPoint {
  return {
    ...right,
    from: left.from,
    ofNew: add(left.ofNew, right.ofNew),
    ofStable: add(left.ofStable, right.ofStable),
    unjudged: add(left.unjudged, right.unjudged),
  };
}

/** A load test of this artifact within limits, and not worse than that of the release that production runs. */
import type { PerformanceGateSpec } from '../pipeline/gate-spec.ts';
import type { Baseline } from '../promotion/proof.ts';
import type { EvidenceFact } from '../release/evidence.ts';
import type { LoadMetrics } from '../release/evidence-details.ts';
import { open, waiting, type Gate } from './gate.ts';
import { latestOfEach, placeOf, uncounted } from './usable-evidence.ts';

export const performanceGate: Gate = {
  name: 'performance',
  asks: 'facts',
  answer({ facts: { spec, now, baseline }, release, kind }) {
    const limits = spec.gates.find((gate) => gate.gate === 'performance');
    if (limits === undefined || kind === 'rollback') return undefined;
    const tests = release.evidence.filter((piece) => piece.kind === 'load');
    const counting = { claimed: limits.claimed, now, within: limits.within };
    const counted = latestOfEach(tests.filter((piece) => uncounted(piece, counting) === undefined));
    const unblock = `run the load test against release #${release.number} and record it: liftlock evidence add --kind load`;
    if (counted.length === 0) {
      const refused = tests.flatMap((piece) => uncounted(piece, counting) ?? []);
      const because = [`there is no load test of release #${release.number}`, ...refused].join('; ');
      return waiting('upstream', because, unblock);
    }
    const held = counted.map((piece) => hold(piece, limits, baseline));
    const broken = held.flatMap(({ problems }) => problems);
    if (broken.length > 0) return waiting('upstream', broken.join('; '), unblock);
    return open(held.map(({ said }) => said).join('; '));
  },
};

interface Held {
  readonly problems: readonly string[];
  readonly said: string;
}

/** One test against the limits, then against production. */
function hold(piece: EvidenceFact, limits: PerformanceGateSpec, baseline: Baseline | undefined): Held {
  const name = `${piece.name}${placeOf(piece)}`;
  const problem = (sentence: string): Held => ({ problems: [`${name} ${sentence}`], said: '' });
  if (piece.verdict !== 'PASS') return problem(`is ${piece.verdict}: ${piece.summary}`);
  const metrics = metricsOf(piece);
  if (metrics === undefined) return problem('says nothing of times and errors');
  const broken = breaches(metrics, limits).map((breach) => `${name}: ${breach}`);
  const { worse, said } = compare(metrics, { piece, baseline, tolerance: limits.tolerance });
  return {
    problems: [...broken, ...worse.map((one) => `${name}: ${one}`)],
    said: `${name}: ${figures(metrics)}; ${said}`,
  };
}

function metricsOf({ details }: EvidenceFact): LoadMetrics | undefined {
  return details?.of === 'load' ? details.metrics : undefined;
}

/** R20: what a tool does not measure is not within its limit. */
function breaches(metrics: LoadMetrics, limits: PerformanceGateSpec): readonly string[] {
  const { requests, errorRate } = metrics;
  return [
    ...(requests < limits.minRequests
      ? [`${requests} requests tell too little; at least ${limits.minRequests} are needed`]
      : []),
    ...(errorRate > limits.errorRate
      ? [`${percent(errorRate)} of the requests failed; at most ${percent(limits.errorRate)} may`]
      : []),
    ...(['p95', 'p99'] as const).flatMap((what) => {
      const [value, limit] = [metrics[what], limits[what]];
      if (limit === undefined) return [];
      if (value === undefined) return [`its ${what} was not measured`];
      return value <= limit ? [] : [`${what} is ${milliseconds(value)}; at most ${milliseconds(limit)} is allowed`];
    }),
  ];
}

/** Against the test of the same name and place of what production runs; without one nothing can be worse, and the answer says so. */
function compare(
  metrics: LoadMetrics,
  { piece, baseline, tolerance }: { piece: EvidenceFact; baseline: Baseline | undefined; tolerance: number },
): { worse: readonly string[]; said: string } {
  if (baseline === undefined) return { worse: [], said: 'nothing runs in production to compare with' };
  const against = `release #${baseline.number} in ${baseline.environment}`;
  const [same] = latestOfEach(baseline.evidence).filter(
    (other) =>
      other.kind === 'load' &&
      other.name === piece.name &&
      other.environment === piece.environment &&
      other.verdict === 'PASS' &&
      other.standing === piece.standing,
  );
  const before = same && metricsOf(same);
  if (before === undefined) return { worse: [], said: `no such load test of ${against} to compare with` };
  const worse = (['p95', 'p99'] as const).flatMap((what) => {
    const [old, now] = [before[what], metrics[what]];
    if (old === undefined || now === undefined || now <= old * (1 + tolerance)) return [];
    return [
      `${what} is ${milliseconds(now)}, that of ${against} was ${milliseconds(old)}; at most ${percent(tolerance)} more is allowed`,
    ];
  });
  return { worse, said: `not worse than ${against}` };
}

function figures({ p95, p99, errorRate, requests }: LoadMetrics): string {
  return [
    ...(p95 === undefined ? [] : [`p95 ${milliseconds(p95)}`]),
    ...(p99 === undefined ? [] : [`p99 ${milliseconds(p99)}`]),
    `${percent(errorRate)} of ${requests} requests failed`,
  ].join(', ');
}

function milliseconds(value: number): string {
  return `${Math.round(value * 10) / 10} ms`;
}

function percent(share: number): string {
  return `${Math.round(share * 10_000) / 100} %`;
}

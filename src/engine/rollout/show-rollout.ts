/** A rollout as people see it: where it is, what it waits for, the new release against the old one, and what follows from that. */
import { quantileMs } from '../../domain/observation/histogram.ts';
import { countOf, type Sample } from '../../domain/observation/sample.ts';
import { verdictAt } from '../../domain/rollout/decide.ts';
import { judge } from '../../domain/rollout/judge.ts';
import { describeStep, trafficOf, type Rollout } from '../../domain/rollout/rollout.ts';
import { evidenceOf, rateOf } from '../../domain/verdict/comparison.ts';
import type { RolloutRow } from '../../ports/rollouts.ts';
import type { Environment, PromotionRow, Transaction } from '../../ports/store.ts';
import { findRollout } from '../find.ts';
import { withMeasurements } from './measure.ts';
import { metricViews } from './metric-views.ts';
import type { RolloutBrief, RolloutView } from './rollout-views.ts';
import type { World } from '../world.ts';

export async function showRollout(
  world: World,
  asked: { project: string | undefined; environment: string },
): Promise<RolloutView> {
  return world.store.transaction(async (tx) => view(tx, { ...(await findRollout(tx, asked)), now: world.clock.now() }));
}

async function view(
  tx: Transaction,
  shown: { environment: Environment; row: RolloutRow; promotion: PromotionRow; now: RolloutView['at'] },
): Promise<RolloutView> {
  const { environment, row, promotion, now } = shown;
  const measured = await withMeasurements(tx, row.rollout);
  const { rollout } = measured;
  const running = promotion.promotion.progress.state === 'running';
  const before = running && environment.deployment ? await tx.deployments.get(environment.deployment) : undefined;
  const stable = before && (await tx.releases.get(before.release));
  const { groups, shadow } = trafficOf(rollout);
  return {
    ...briefOf(row),
    environment: environment.spec.name,
    promotion: rollout.promotion,
    release: { id: promotion.promotion.release, number: promotion.releaseNumber },
    stable: stable === undefined ? null : { id: stable.id, number: stable.number },
    strategy: rollout.strategy,
    running,
    outcome: promotion.promotion.progress.state === 'ended' ? promotion.promotion.progress.outcome : null,
    groups: groups.map(describeStep),
    shadow,
    steps: rollout.steps.map((step, index) => ({
      what: describeStep(step),
      lastsMs: 'for' in step ? (step.for ?? null) : null,
      state: index < rollout.at ? 'done' : index === rollout.at && running ? 'current' : 'to-come',
    })),
    stepSince: rollout.at < rollout.steps.length ? rollout.step.since : null,
    metrics: await metricViews(tx, measured),
    judgement: judgementView(rollout, now),
    ofNew: sideView(rollout.comparison.ofNew),
    ofStable: sideView(rollout.comparison.ofStable),
    limits: limitsView(rollout),
    startedAt: row.startedAt,
    at: now,
  };
}

/** For lists: the share and what it is about. */
export function briefOf({ rollout, waiting }: RolloutRow): RolloutBrief {
  const { state, steps, at } = rollout;
  const step = steps[at];
  return {
    state: state.is,
    because: 'because' in state ? state.because : null,
    percent: trafficOf(rollout).weight / 100,
    step: Math.min(at + 1, steps.length),
    of: steps.length,
    what: step === undefined || state.is === 'finished' ? null : describeStep(step),
    waiting: waiting === undefined ? null : { ...waiting, until: waiting.until ?? null },
  };
}

/** What its counts and metrics say now; of one that is over, what they said to the end. */
function judgementView(rollout: Rollout, now: RolloutView['at']): RolloutView['judgement'] {
  const { analysis, comparison } = rollout;
  if (analysis === 'none') return null;
  const { says, because, ignored } = verdictAt(rollout, now).verdict ?? judge(comparison, analysis);
  return { says, because, ignored, evidence: evidenceOf(comparison, analysis.alpha) };
}

export function sideView(sample: Sample): RolloutView['ofNew'] {
  return {
    requests: sample.requests,
    failures: sample.failures,
    errorRate: sample.requests === 0 ? null : sample.failures / sample.requests,
    unanswered: countOf(sample, 'unanswered') ?? null,
    brokenOff: countOf(sample, 'brokenOff') ?? null,
    clientErrors: countOf(sample, 'clientErrors') ?? null,
    clientErrorRate: rateOf(sample) ?? null,
    p50Ms: quantileMs(sample.latency, 0.5) ?? null,
    p95Ms: quantileMs(sample.latency, 0.95) ?? null,
    p99Ms: quantileMs(sample.latency, 0.99) ?? null,
  };
}

export function limitsView({ analysis }: Rollout): RolloutView['limits'] {
  const { errorRate, clientErrorRate, p95, p99, minRequests } = analysis === 'none' ? {} : analysis;
  return {
    errorRate: errorRate ?? null,
    clientErrorRate: clientErrorRate ?? null,
    p95Ms: p95 ?? null,
    p99Ms: p99 ?? null,
    minRequests: minRequests ?? null,
  };
}

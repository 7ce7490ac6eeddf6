/** What a rollout asks less of than the one before it (R19). */
import { looserMetric } from './looser-metric.ts';
import type { AnalysisSpec, CanaryStep, RolloutSpec, Strategy } from './rollout-spec.ts';
import { abilitiesOf, usualTraffic, type TrafficKind } from './traffic-spec.ts';

/** How much is known of a release before everybody is on it. */
const care: Readonly<Record<Strategy, number>> = {
  'all-at-once': 0,
  recreate: 0,
  rolling: 1,
  'blue-green': 1,
  canary: 2,
};

export function looserRollout(before: RolloutSpec, after: RolloutSpec): readonly string[] {
  if (care[after.strategy] < care[before.strategy])
    return [`it takes over ${after.strategy}, it was ${before.strategy}`];
  return [
    ...goneChecks(before, after),
    ...(before.strategy === 'canary' && after.strategy === 'canary'
      ? [...looserSteps(before.steps, after.steps), ...looserAnalysis(before.analysis, after.analysis)]
      : []),
    ...(before.strategy === 'rolling' && after.strategy === 'rolling'
      ? [
          ...(after.for < before.for ? ['new instances are watched for a shorter time before the next ones'] : []),
          ...looserAnalysis(before.analysis, after.analysis),
        ]
      : []),
  ];
}

interface Led {
  readonly rollout: RolloutSpec;
  readonly traffic?: TrafficKind;
}

/** Another leader may see less of a release. */
export function looserTraffic(before: Led, after: Led): readonly string[] {
  const { rollout, traffic = usualTraffic } = before;
  const { traffic: leader = usualTraffic } = after;
  if (!('analysis' in rollout && 'analysis' in after.rollout)) return [];
  const comparedTimes =
    rollout.analysis !== 'none' && !rollout.analysis.dryRun.includes('latency') && abilitiesOf(traffic).latency;
  return comparedTimes && !abilitiesOf(leader).latency
    ? [`its response times are not compared any more: ${leader} does not tell them`]
    : [];
}

function goneChecks(before: RolloutSpec, after: RolloutSpec): readonly string[] {
  const now = checksOf(after);
  return checksOf(before).flatMap(({ name, run }) => {
    const same = now.find((check) => check.name === name);
    if (same === undefined) return [`the check ${name} is gone`];
    return same.run === run ? [] : [`the check ${name} runs something else`];
  });
}

function checksOf(spec: RolloutSpec): readonly { readonly name: string; readonly run: string }[] {
  if (spec.strategy === 'blue-green') return spec.checks;
  return spec.strategy === 'canary' ? spec.steps.filter((step) => step.step === 'check') : [];
}

function looserSteps(before: readonly CanaryStep[], after: readonly CanaryStep[]): readonly string[] {
  const pauses = (steps: readonly CanaryStep[]) =>
    steps.filter((step) => step.step === 'pause' && step.for === undefined).length;
  return [
    ...(pauses(after) < pauses(before) ? ['it waits for a person less often on its way'] : []),
    ...(first(after) > first(before) ? [`it begins with ${first(after)} %, it was ${first(before)} %`] : []),
    ...(judgedTime(after) < judgedTime(before) ? ['a part of the requests goes to it for a shorter time'] : []),
  ];
}

function first(steps: readonly CanaryStep[]): number {
  return steps.find((step) => step.step === 'weight')?.percent ?? 100;
}

function judgedTime(steps: readonly CanaryStep[]): number {
  return steps.reduce((sum, step) => sum + (step.step === 'weight' ? step.for : 0), 0);
}

function looserAnalysis(before: 'none' | AnalysisSpec, after: 'none' | AnalysisSpec): readonly string[] {
  if (before === 'none') return [];
  if (after === 'none') return ['it is not judged any more'];
  const limits = (['errorRate', 'clientErrorRate', 'p95', 'p99'] as const).filter(
    (name) => (after[name] ?? Infinity) > (before[name] ?? Infinity),
  );
  const ignored = after.dryRun.filter((metric) => !before.dryRun.includes(metric));
  return [
    ...limits.map((name) => `the limit ${name} is higher or gone`),
    ...ignored.map((metric) => `${metric} no longer decide`),
    ...(after.alpha < before.alpha ? ['more must speak against it before it is blamed'] : []),
    ...(after.minRequests < before.minRequests ? ['fewer requests are enough to go on'] : []),
    ...(after.warmUp > before.warmUp ? ['it is not judged for longer at its beginning'] : []),
    ...(before.metrics ?? []).flatMap((metric) => looserMetric(metric, after.metrics ?? [])),
  ];
}

/** Rules for the rollout of one environment. */
import { canShareTraffic } from '../domain/pipeline/defaults.ts';
import {
  abilitiesOf,
  lacksOf,
  sentenceOf,
  trafficKinds,
  type TrafficAbilities,
} from '../domain/pipeline/traffic-spec.ts';
import type { EnvironmentDraft } from './draft.ts';
import { metricProblems } from './metric-rules.ts';
import type { Remark } from './problem.ts';
import { rolloutOf, type RolloutFile } from './rollout-schema.ts';

type Written = Exclude<RolloutFile, string>;

export function rolloutProblems(draft: EnvironmentDraft): readonly Remark[] {
  const { rollout } = draft;
  if (rollout === undefined) return leaderless(draft);
  return [
    ...targetProblems(draft, rollout),
    ...leaderless(draft),
    ...abilityProblems(draft, rollout),
    ...(typeof rollout === 'string' ? [] : insideProblems(rollout)),
  ];
}

/** A strategy that divides requests is refused where nothing can divide them, before anything runs. */
function targetProblems({ target, written }: EnvironmentDraft, rollout: RolloutFile): readonly Remark[] {
  const strategy = typeof rollout === 'string' ? rollout : rollout.strategy;
  if (strategy === 'all-at-once' || (target === undefined && written.has('target'))) return [];
  if (canShareTraffic(target ?? { kind: 'process' })) return [];
  const why =
    target?.kind === 'command'
      ? 'a target of kind command deploys by itself'
      : 'this service listens at its address itself, or at none';
  return [
    {
      path: typeof rollout === 'string' ? ['rollout'] : ['rollout', 'strategy'],
      message: `${strategy} needs a target whose requests Liftlock leads, and ${why}`,
      hint: 'write rollout: all-at-once',
    },
  ];
}

/** A leader is named where there is nothing to lead. */
function leaderless({ target, traffic, written }: EnvironmentDraft): readonly Remark[] {
  if (traffic === undefined || (target === undefined && written.has('target'))) return [];
  if (canShareTraffic(target ?? { kind: 'process' })) return [];
  return [
    {
      path: ['traffic'],
      message: `${traffic} would have nothing to lead: requests of this target do not go through Liftlock`,
      hint: 'remove the key',
    },
  ];
}

/** What the chosen one cannot is refused before anything runs. */
function abilityProblems({ traffic }: EnvironmentDraft, rollout: RolloutFile): readonly Remark[] {
  if (traffic === undefined) return [];
  return lacksOf(traffic, rolloutOf(rollout)).map(({ at, ability }) => ({
    path: typeof rollout === 'string' ? ['rollout'] : ['rollout', ...writtenPart(rollout, at)],
    message: `${traffic} cannot ${sentenceOf(ability)}`,
    hint: hintFor(ability),
  }));
}

/** What stands in the file, of a path into the rollout that it stands for. */
function writtenPart(rollout: Written, at: readonly (string | number)[]): readonly (string | number)[] {
  return Object.hasOwn(rollout, at[0]!) ? at : [];
}

function hintFor(ability: keyof TrafficAbilities): string {
  const able = trafficKinds.filter((kind) => abilitiesOf(kind)[ability]).join(' or ');
  const without: Readonly<Partial<Record<keyof TrafficAbilities, string>>> = {
    stickyCookie: 'write users: none',
    stickyHeader: 'write users: none',
    counts: 'write analysis: none',
    latency: 'leave the limit out',
    hold: 'choose another strategy',
  };
  const instead = without[ability] ?? 'leave it out';
  return `${instead}, or traffic: ${able}`;
}

function insideProblems(rollout: Written): readonly Remark[] {
  if (rollout.strategy === 'blue-green') return sameNames(rollout.checks, ['rollout', 'checks']);
  if (rollout.strategy === 'rolling')
    return [...shareProblems(rollout.analysis), ...allMetricProblems(rollout.analysis)];
  if (rollout.strategy !== 'canary') return [];
  const { steps = [] } = rollout;
  return [
    ...shareProblems(rollout.analysis),
    ...sameClasses(rollout.analysis),
    ...allMetricProblems(rollout.analysis),
    ...sameNames(
      steps.map((step) => (step.step === 'check' ? step : { name: undefined })),
      ['rollout', 'steps'],
    ),
    ...steps.flatMap((step, index) => [...groupProblems(step, index), ...fallingWeight(steps, index)]),
  ];
}

/** Shares that are numbers, but no chance and no part of the requests. */
function shareProblems(analysis: CanaryFile['analysis']): readonly Remark[] {
  if (analysis === undefined || analysis === 'none') return [];
  const { alpha } = analysis;
  const path = (key: string) => ['rollout', 'analysis', key];
  return [
    ...(alpha >= 0.0001 && alpha <= 0.2 ? [] : [{ path: path('alpha'), message: 'it is from 0.01% to 20%' }]),
    ...(['errorRate', 'clientErrorRate'] as const)
      .filter((key) => (analysis[key] ?? 0) > 1)
      .map((key) => ({ path: path(key), message: 'it is 100% at most: a part of the requests' })),
  ];
}

function sameClasses(analysis: CanaryFile['analysis']): readonly Remark[] {
  const { routes = [] } = analysis === undefined || analysis === 'none' ? {} : analysis;
  return routes.flatMap(({ class: name }, index): Remark[] => {
    const first = routes.findIndex((other) => other.class === name);
    if (first === index) return [];
    const path = ['rollout', 'analysis', 'routes', index, 'class'];
    return [{ path, message: `"${name}" is already the class of routes[${first}]` }];
  });
}

function allMetricProblems(analysis: CanaryFile['analysis']): readonly Remark[] {
  if (analysis === undefined || analysis === 'none') return [];
  const { metrics = [] } = analysis;
  const path = ['rollout', 'analysis', 'metrics'];
  return [...sameNames(metrics, path), ...metrics.flatMap((metric, index) => metricProblems(metric, [...path, index]))];
}

type CanaryFile = Extract<Written, { strategy: 'canary' }>;
type Step = NonNullable<CanaryFile['steps']>[number];

function sameNames(
  list: readonly { readonly name: string | undefined }[],
  path: readonly (string | number)[],
): readonly Remark[] {
  return list.flatMap(({ name }, index): Remark[] => {
    const first = name === undefined ? index : list.findIndex((other) => other.name === name);
    if (first === index) return [];
    return [{ path: [...path, index, 'name'], message: `"${name}" is already the name of ${path.at(-1)}[${first}]` }];
  });
}

function groupProblems(step: Step, index: number): readonly Remark[] {
  if (step.step !== 'group' || (step.header === undefined) !== (step.cookie === undefined)) return [];
  const message =
    step.header === undefined ? 'a group needs header or cookie' : 'a group has either header or cookie, not both';
  return [{ path: ['rollout', 'steps', index], message }];
}

/** A user who is on the new release would be led back to the old one, and forth again. */
function fallingWeight(steps: readonly Step[], index: number): readonly Remark[] {
  const step = steps[index];
  if (step?.step !== 'weight') return [];
  const before = steps.slice(0, index).findLast((earlier) => earlier.step === 'weight');
  if (before === undefined || before.percent <= step.percent) return [];
  return [
    {
      path: ['rollout', 'steps', index, 'percent'],
      message: `${step.percent} after ${before.percent}: weights only grow, so that no user is led back and forth`,
    },
  ];
}

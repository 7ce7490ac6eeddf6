/**
 * What an environment is when the pipeline file says no more than its kind.
 *
 * The kinds differ where a mistake costs differently: the first environments show everything and
 * wait for nobody, production shows little and waits for a person.
 */
import type { Duration } from '../base/time.ts';
import type {
  EnvironmentKind,
  GateSpec,
  Hosting,
  QueueMode,
  Settings,
  TargetSpec,
  TriggerSpec,
} from './environment.ts';
import { runsHere } from './environment.ts';
import type { TrustSpec } from './pipeline.ts';
import { usualKeep, type RolloutSpec } from './rollout-spec.ts';

export interface KindDefaults {
  readonly hosting: Hosting;
  readonly queue: QueueMode;
  readonly rollback: 'automatic' | 'manual';
  readonly settings: Settings;
  /** True when nothing before this environment is the usual case, so that `after` need not be written. */
  readonly mayStartAlone: boolean;
}

/** What holds when the pipeline says nothing: signatures of people, two people for everything, and no way around. */
export const trustDefaults: TrustSpec = { signatures: 'strict', separation: 'two-person', breakGlass: 'none' };

const common = { hosting: 'local', queue: 'latest' } as const;

const open: Settings = { debug: true, logLevel: 'debug', experimental: true };
const asReleased: Settings = { debug: false, logLevel: 'info', experimental: false };
const live: Settings = { debug: false, logLevel: 'warn', experimental: false };

/**
 * Rollback is manual in development and ci: whoever broke it wants to look at what is broken, and
 * nobody else depends on it. Everywhere else other people do, so the last good release returns.
 */
const byKind: Readonly<Record<EnvironmentKind, KindDefaults>> = {
  development: { ...common, rollback: 'manual', settings: open, mayStartAlone: true },
  ci: { ...common, rollback: 'manual', settings: open, mayStartAlone: true },
  testing: { ...common, rollback: 'automatic', settings: open, mayStartAlone: true },
  qa: { ...common, rollback: 'automatic', settings: asReleased, mayStartAlone: false },
  staging: { ...common, rollback: 'automatic', settings: asReleased, mayStartAlone: false },
  production: { ...common, rollback: 'automatic', settings: live, mayStartAlone: false },
  'disaster-recovery': { ...common, rollback: 'automatic', settings: live, mayStartAlone: false },
};

export function defaultsOf(kind: EnvironmentKind): KindDefaults {
  return byKind[kind];
}

const week = 604_800_000 as Duration;

/** What a load test is held to when the pipeline gives no numbers of its own. */
export const usualPerformance = {
  gate: 'performance',
  errorRate: 0.01,
  minRequests: 100,
  tolerance: 0.1,
  within: week,
  claimed: 'refused',
} as const satisfies GateSpec;

export const usualSecurity = {
  gate: 'security',
  failAt: 'high',
  tools: [],
  within: week,
  claimed: 'refused',
} as const satisfies GateSpec;

/**
 * The gates of an environment that names none. Into staging goes what was tested, reviewed and merged, and what Liftlock
 * could deploy before; into production what QA tried, what is fast and safe enough, tagged, told and planned.
 *
 * Production keeps an approval beside them: it is the only gate that a person opens who had no hand in the change (R22),
 * for whoever signs off, writes notes or accepts the plan may well have.
 *
 * Gates that look upstream are left out where nothing comes before: they could never open.
 */
export function defaultGates(kind: EnvironmentKind, follows: boolean): readonly GateSpec[] {
  switch (kind) {
    case 'staging':
      return [
        ...(follows ? [{ gate: 'tests', commands: [], claimed: 'refused' } as const] : []),
        { gate: 'review', count: 1, from: 'any' },
        { gate: 'merged' },
        ...(follows ? [{ gate: 'deployed' } as const] : []),
      ];
    case 'production':
      return [
        { gate: 'qa', count: 1 },
        usualPerformance,
        usualSecurity,
        { gate: 'tagged' },
        { gate: 'notes' },
        { gate: 'plan' },
        { gate: 'approval', count: 1 },
      ];
    default:
      return [];
  }
}

/**
 * The triggers of an environment that names none. `follows` tells whether any environment comes before it:
 * without one there is no success to follow, and main or a person takes its place.
 */
export function defaultTriggers(kind: EnvironmentKind, follows: boolean): readonly TriggerSpec[] {
  switch (kind) {
    case 'development':
    case 'ci':
      return [{ on: 'commit', branches: ['**'] }];
    case 'testing':
      return follows ? [{ on: 'success' }] : [{ on: 'main' }];
    case 'qa':
      return [{ on: 'manual' }];
    case 'staging':
      return [{ on: 'main' }];
    case 'production':
      return [{ on: 'tag', pattern: 'v*' }];
    case 'disaster-recovery':
      return follows ? [{ on: 'success' }] : [{ on: 'manual' }];
  }
}

/** Whether two releases can run there side by side, with the requests of users divided between them. */
export function canShareTraffic(target: TargetSpec): boolean {
  return runsHere(target) && target.port !== 'none' && !('direct' in target && target.direct === true);
}

/**
 * The rollout of an environment that names none. Where other people depend on it, the old release is kept for a while. A canary is
 * never assumed: without traffic it could tell nothing and would wait for a person each time (R35).
 */
export function defaultRollout(kind: EnvironmentKind, target: TargetSpec): RolloutSpec {
  const matters = kind === 'staging' || kind === 'production' || kind === 'disaster-recovery';
  return matters && canShareTraffic(target)
    ? { strategy: 'blue-green', checks: [], keep: usualKeep }
    : { strategy: 'all-at-once' };
}

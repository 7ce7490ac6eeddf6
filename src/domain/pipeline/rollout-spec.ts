/** How a new release takes over from the one that serves, as the pipeline describes it (defaults filled in). */
import type { Duration } from '../base/time.ts';
import type { RouteClass } from './route-classes.ts';
import type { MetricSpec } from './metric-spec.ts';

export const strategies = ['all-at-once', 'recreate', 'rolling', 'blue-green', 'canary'] as const;
export type Strategy = (typeof strategies)[number];

export type RolloutSpec =
  /** Started beside the old one where the target can, then everything at once. */
  | { readonly strategy: 'all-at-once' }
  /** For a service that may not run twice: requests wait while the old one stops and the new one starts. */
  | { readonly strategy: 'recreate'; readonly hold: Duration }
  /** Where several instances run: a few at a time, the old ones ending as the new ones serve. */
  | RollingSpec
  /** Checked at an address of its own before any user reaches it, then everything at once. */
  | {
      readonly strategy: 'blue-green';
      readonly checks: readonly RolloutCheck[];
      /** R32: how long what was replaced goes on afterwards, so that returning is instant. */
      readonly keep: Duration;
    }
  /** Step by step, compared with the stable release at the same time. */
  | CanarySpec;

export interface RollingSpec {
  readonly strategy: 'rolling';
  /** How many instances more than wanted may run meanwhile. */
  readonly maxSurge: Amount;
  /** How many fewer than wanted may be ready meanwhile. */
  readonly maxUnavailable: Amount;
  /** How long new instances serve before the next ones are replaced. */
  readonly for: Duration;
  readonly analysis: 'none' | AnalysisSpec;
}

/** So many, or a part of those that are wanted: 0.25 is a quarter. */
export type Amount = { readonly instances: number } | { readonly part: number };

export interface CanarySpec {
  readonly strategy: 'canary';
  readonly steps: readonly CanaryStep[];
  readonly analysis: 'none' | AnalysisSpec;
  readonly users: UserSpec;
  readonly keep: Duration;
}

/** A command that judges the new release at an address of its own: exit code 0 is yes. */
export interface RolloutCheck {
  readonly name: string;
  readonly run: string;
  readonly timeout: Duration;
}

export type CanaryStep =
  /** This part of the requests, for at least so long. */
  | { readonly step: 'weight'; readonly percent: number; readonly for: Duration }
  /** R31: without a time it waits for a person. */
  | { readonly step: 'pause'; readonly for?: Duration }
  /** Requests of a group of users, whatever the weights say. They stay there for the rest of the rollout. */
  | {
      readonly step: 'group';
      readonly by: 'header' | 'cookie';
      readonly name: string;
      readonly value?: string;
      readonly for: Duration;
    }
  /** Copies of GET and HEAD requests, whose answers are thrown away. */
  | { readonly step: 'shadow'; readonly for: Duration }
  | ({ readonly step: 'check' } & RolloutCheck);

/** Whether a user stays on the release he was led to: by a cookie of ours, by a header that names him, or not at all. */
export type UserSpec = { readonly by: 'cookie' } | { readonly by: 'header'; readonly header: string } | 'none';

export const judgedMetrics = ['errors', 'latency', 'clientErrors'] as const;
export type JudgedMetric = (typeof judgedMetrics)[number];

export interface AnalysisSpec {
  /** The chance, over the whole rollout, of blaming a release that is not worse than the stable one. */
  readonly alpha: number;
  /** Requests that each side must have had before a step may end. */
  readonly minRequests: number;
  /** After its first request of a user, the new release is not judged for so long. */
  readonly warmUp: Duration;
  /** Limits for the new release alone, whatever the stable one does. */
  readonly errorRate?: number;
  readonly clientErrorRate?: number;
  readonly p95?: Duration;
  readonly p99?: Duration;
  /** Shown, but never decides. */
  readonly dryRun: readonly JudgedMetric[];
  /** Requests that are compared apart; all are alike when absent. */
  readonly routes?: readonly RouteClass[];
  /** Asked beside what the traffic counts; absent in what older versions recorded. */
  readonly metrics?: readonly MetricSpec[];
}

/** What a strategy is when nothing but its name is written. */
const minute = 60_000;
export const usualKeep = (10 * minute) as Duration;
export const usualHold = 30_000 as Duration;

export const usualRolling = {
  maxSurge: { instances: 1 },
  maxUnavailable: { instances: 0 },
  for: 10_000 as Duration,
} as const;

export const usualAnalysis: AnalysisSpec = {
  alpha: 0.01,
  minRequests: 50,
  warmUp: 10_000 as Duration,
  dryRun: [],
};

/** Long enough at each weight for the comparison to see what one request in a hundred does at a few requests a second. */
export const usualSteps: readonly CanaryStep[] = [
  { step: 'weight', percent: 5, for: (5 * minute) as Duration },
  { step: 'weight', percent: 25, for: (10 * minute) as Duration },
  { step: 'weight', percent: 50, for: (10 * minute) as Duration },
];

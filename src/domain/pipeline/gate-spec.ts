/** Gates that ask for proof of work done: what each may be told in the pipeline file (defaults filled in). */
import type { Duration } from '../base/time.ts';

/** From which severity on a finding blocks, the strictest first. What a tool did not rate always blocks. */
export const severityLimits = ['low', 'medium', 'high', 'critical'] as const;
export type SeverityLimit = (typeof severityLimits)[number];

/** Whether what people uploaded counts beside what Liftlock and known machines attest. */
export type Claimed = 'allowed' | 'refused';

export type ProofGateSpec =
  /** The latest results of the tests upstream are PASS; `commands` names those that must be there. */
  | { readonly gate: 'tests'; readonly commands: readonly string[]; readonly claimed: Claimed }
  /** Every commit since what runs here was approved by `count` people who did not write it. */
  | { readonly gate: 'review'; readonly count: number; readonly from: 'any' | 'forge' | 'liftlock' }
  /** The commit is on the main branch, by a trigger that was accepted. */
  | { readonly gate: 'merged' }
  /** Liftlock itself deployed the release upstream, with success. */
  | { readonly gate: 'deployed' }
  /** People with the role qa signed this artifact off. */
  | { readonly gate: 'qa'; readonly count: number }
  | PerformanceGateSpec
  | SecurityGateSpec
  /** A version tag that was accepted names the commit. */
  | { readonly gate: 'tagged' }
  /** Release notes that a person accepted. */
  | { readonly gate: 'notes' }
  /** A person accepted the plan of this deployment. */
  | { readonly gate: 'plan' }
  | CustomGateSpec;

/** A load test within limits, and not worse than what production runs. Times in milliseconds, shares from 0 to 1. */
export interface PerformanceGateSpec {
  readonly gate: 'performance';
  readonly p95?: Duration;
  readonly p99?: Duration;
  readonly errorRate: number;
  readonly minRequests: number;
  /** How much slower than production's release it may be: 0.1 is a tenth. */
  readonly tolerance: number;
  readonly within: Duration;
  readonly claimed: Claimed;
}

/** No finding at or above a severity that nobody has accepted, in scans and audits that are recent. */
export interface SecurityGateSpec {
  readonly gate: 'security';
  readonly failAt: SeverityLimit;
  /** Tools, or names of evidence, without which it stays shut; none: one scan or audit of any kind is enough. */
  readonly tools: readonly string[];
  readonly within: Duration;
  readonly claimed: Claimed;
}

/** A question of the project's own. */
export type CustomGateSpec = { readonly gate: 'custom'; readonly name: string; readonly timeout: Duration } & (
  | { readonly run: string }
  /** `secret` names the secret that signs the request. */
  | { readonly webhook: string; readonly secret: string }
);

/** What is known about one environment when the engine decides about it. Loaded at once, in one transaction. */
import type { Digest } from '../base/digest.ts';
import type {
  BreakGlassId,
  DeploymentId,
  EnvironmentId,
  FollowUpId,
  JudgementId,
  LeaseId,
  PipelineRevisionId,
  PromotionId,
  ReleaseId,
  VerdictId,
} from '../base/id.ts';
import type { Instant } from '../base/time.ts';
import type { Approver } from '../access/approver.ts';
import type { Contributor } from '../access/independence.ts';
import type { EnvironmentSpec } from '../pipeline/environment.ts';
import type { TrustSpec } from '../pipeline/pipeline.ts';
import type { EvidenceFact, VerdictWord } from '../release/evidence.ts';
import type { Baseline, Proofs, Suppression } from './proof.ts';
import type { Basis, Check } from '../trigger/check.ts';
import type { Outcome, Promotion } from './promotion.ts';

export interface EnvironmentFacts {
  readonly id: EnvironmentId;
  readonly spec: EnvironmentSpec;
  /** Name of the branch that releases come from. */
  readonly mainBranch: string;
  readonly trust: TrustSpec;
  /** R19: the pipeline in force; a new revision changes every plan made under the old one. */
  readonly revision: PipelineRevisionId;
  /** What runs here now; absent before the first deployment. */
  readonly running: Running | undefined;
  readonly hold: Hold | undefined;
  readonly pin: Pin | undefined;
  readonly freezes: readonly Freeze[];
  /** Those that have yet to begin. */
  readonly freezesAhead: readonly Freeze[];
  /** Every promotion here that has not ended: waiting ones in the order they were requested, and the one that runs. */
  readonly open: readonly Promotion[];
  /** The releases of `open` and the candidates of automation, newest first. */
  readonly releases: readonly ReleaseFacts[];
  /** Trigger keys that already made a promotion here (R11). */
  readonly usedKeys: ReadonlySet<string>;
  /** Since when the schedules here are what they are, and the last of their times that was looked at. */
  readonly schedule: { readonly since: Instant; readonly seen: Instant };
  /** R7: held while something deploys here, be it a promotion or the healing of what should run. */
  readonly lease: Lease | undefined;
  /** Findings that somebody answers for; expired ones included, so that they can be named. */
  readonly suppressions: readonly Suppression[];
  /** Absent when nothing runs in production yet. */
  readonly baseline: Baseline | undefined;
  /** R25: confirmed, neither expired nor used by a promotion that has ended. */
  readonly breakGlasses: readonly BreakGlass[];
  /** R25: what should have been looked at after an emergency and was not; of interest in production only. */
  readonly overdue: readonly OverdueFollowUp[];
  readonly now: Instant;
}

/** R25: two people pass the named gates for one release, once. */
export interface BreakGlass {
  readonly id: BreakGlassId;
  readonly release: ReleaseId;
  readonly gates: readonly string[];
  readonly reason: string;
  readonly incident: string;
  readonly requestedBy: string;
  readonly confirmedBy: string;
  readonly expiresAt: Instant;
  /** The one promotion that used it. */
  readonly promotion: PromotionId | undefined;
}

export interface OverdueFollowUp {
  readonly id: FollowUpId;
  readonly breakGlass: BreakGlassId;
  readonly dueAt: Instant;
}

export interface Running {
  readonly release: ReleaseId;
  readonly number: number;
  readonly commit: string;
  /** The last one that changed what runs here: it brought the release, or was stopped and the release put back. */
  readonly promotion: PromotionId;
  readonly deployment: DeploymentId;
  readonly since: Instant;
}

/** R28: stops automation until a person lifts it. */
export interface Hold {
  readonly by: string;
  readonly reason: string;
  readonly at: Instant;
}

export interface Pin {
  readonly release: ReleaseId;
  readonly by: string;
  readonly reason: string;
  readonly at: Instant;
}

export interface Freeze {
  readonly id: string;
  readonly scope: 'everything' | 'project' | 'environment';
  readonly by: string;
  readonly reason: string;
  readonly from: Instant;
  readonly until: Instant | undefined;
  /** R27: what it does not stop. */
  readonly exempt: readonly Exemption[];
}

export const exemptions = ['rollback', 'break-glass'] as const;
export type Exemption = (typeof exemptions)[number];

export interface ReleaseFacts {
  readonly id: ReleaseId;
  readonly number: number;
  readonly commit: string;
  readonly artifact: Digest;
  readonly createdAt: Instant;
  /** Events seen that match a trigger of this environment, e.g. the tag `v1.2.0`. `success` and `schedule` are derived, not seen. */
  readonly sightings: readonly Sighting[];
  /** What was judged of its commit, and of tags that name it; empty where no signatures are asked for. */
  readonly judged: readonly JudgedRef[];
  /** One for each environment named by `after`, in that order. */
  readonly upstream: readonly UpstreamFacts[];
  readonly veto: Veto | undefined;
  /** Outcome of the last promotion of this release here that ended otherwise than `superseded`. */
  readonly lastOutcome: Outcome | undefined;
  /** Those that were withdrawn left out. */
  readonly approvals: readonly Approval[];
  /** R22: who had a hand in any commit since what runs here. */
  readonly contribution: Contribution;
  /** When people were first asked to approve a plan. */
  readonly asked: { readonly planHash: Digest; readonly at: Instant } | undefined;
  /** The latest of each kind, name and environment, of every environment of the project; expired ones too (see `inForce`). */
  readonly evidence: readonly EvidenceFact[];
  readonly proofs: Proofs;
}

/** The standing judgement of one ref that leads to the commit. */
export interface JudgedRef {
  readonly judgement: JudgementId;
  readonly class: 'staging' | 'production';
  readonly ref: string;
  /** As of now: a key revoked, a role lost or an acceptance withdrawn since counts at once. */
  readonly accepted: boolean;
  readonly basis: Basis | undefined;
  readonly checks: readonly Check[];
  /** The signer's handle, or the platform's name. */
  readonly signer: string | undefined;
  /** R22: handles of the people who signed it, or accepted what a platform made. */
  readonly vouchedBy: readonly string[];
}

export interface Sighting {
  readonly trigger: 'commit' | 'main' | 'tag';
  /** R11: names the event, e.g. `tag:v1.2.0:4f2a…`. */
  readonly key: string;
}

export interface UpstreamFacts {
  readonly environment: string;
  /** R3: the latest verdict; absent when the release was never verified there. */
  readonly verified: Verification | undefined;
  /** The last time the release ran there; `until` absent while it still does. */
  readonly occupied: { readonly from: Instant; readonly until: Instant | undefined } | undefined;
  /** The last promotion of the release there that ended, superseded ones left out. */
  readonly deployed: UpstreamDeployment | undefined;
  /** A promotion of the release there is open. */
  readonly onItsWay: boolean;
}

export interface UpstreamDeployment {
  readonly promotion: PromotionId;
  readonly outcome: Outcome;
  /** False when the target only writes down that a release is there. */
  readonly automated: boolean;
}

export interface Verification {
  readonly verdict: VerdictWord;
  readonly id: VerdictId;
  /** Time of the latest verdict. */
  readonly at: Instant;
  /** Start of the unbroken run of verdicts like this one. */
  readonly since: Instant;
  readonly reason: string;
}

export interface Veto {
  readonly by: string;
  readonly reason: string;
  readonly at: Instant;
}

/** R21: counts only for the plan it was given for. */
export interface Approval {
  readonly actor: string;
  readonly decision: 'approve' | 'reject';
  readonly planHash: Digest;
  readonly reason: string;
  readonly at: Instant;
  /** `passkey`: the person signed what he decided. */
  readonly means: ApprovalMeans;
  /** What is known of the person now, whatever it was then; absent for `system:…`. */
  readonly approver: Approver | undefined;
}

/** Known once the repository was asked; a failed look says when the next one is (R16). */
export type Contribution =
  | { readonly known: true; readonly contributors: readonly Contributor[]; readonly commits: number }
  | {
      readonly known: false;
      readonly because: string;
      readonly waitsFor: 'lookup' | 'person';
      readonly askAgainAt: Instant | undefined;
    };

export const approvalMeans = ['terminal', 'passkey', 'system'] as const;
export type ApprovalMeans = (typeof approvalMeans)[number];

/** R7: the right to deploy here, held by one run at a time. */
export interface Lease {
  readonly id: LeaseId;
  readonly promotion: PromotionId;
  readonly holder: string | undefined;
  readonly expiresAt: Instant;
}

/** The facts of one release; @throws TypeError when they were not loaded, which is a defect. */
export function factsOf(facts: EnvironmentFacts, release: ReleaseId): ReleaseFacts {
  const found = facts.releases.find((candidate) => candidate.id === release);
  if (found === undefined) throw new TypeError(`facts of ${release} were not loaded for ${facts.spec.name}`);
  return found;
}

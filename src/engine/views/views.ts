/** What the engine answers to people, whatever the edge: plain records, every time an `Instant`, every reason a sentence. */
import type { Digest } from '../../domain/base/digest.ts';
import type { BuildId, DeploymentId, EvidenceId, PromotionId, ReleaseId } from '../../domain/base/id.ts';
import type { Instant } from '../../domain/base/time.ts';
import type { Ailment } from '../../domain/observation/ailing.ts';
import type { Approvers, Reader } from '../../domain/gate/approvers.ts';
import type { WaitsFor } from '../../domain/gate/gate.ts';
import type { DatabaseSpec, EnvironmentKind, Hosting, QueueMode } from '../../domain/pipeline/environment.ts';
import type { Outcome, Phase, PromotionKind } from '../../domain/promotion/promotion.ts';
import type { RolloutBrief } from '../rollout/rollout-views.ts';
import type { EvidenceKind, Standing, VerdictWord } from '../../domain/release/evidence.ts';
import type { EvidenceDetails } from '../../domain/release/evidence-details.ts';

/** A release as people recognise it. */
export interface TitledRelease {
  readonly id: ReleaseId;
  readonly number: number;
  readonly title: string;
}

export interface ReleaseView {
  readonly id: ReleaseId;
  readonly number: number;
  readonly commit: string;
  readonly title: string;
  readonly author: string;
  readonly refs: readonly string[];
  readonly artifact: Digest;
  readonly artifactBytes: number;
  readonly createdAt: Instant;
}

export interface BuildView {
  readonly id: BuildId;
  readonly number: number;
  readonly commit: string;
  readonly title: string;
  readonly author: string;
  readonly state: 'waiting' | 'running' | 'built' | 'failed' | 'errored';
  readonly reason: string | null;
  readonly release: ReleaseId | null;
  readonly createdAt: Instant;
  readonly startedAt: Instant | null;
  readonly endedAt: Instant | null;
}

export interface AnswerView {
  readonly gate: string;
  readonly answer: 'open' | 'waiting' | 'closed';
  readonly because: string;
  /** What would open it; null when it is open. */
  readonly unblock: string | null;
  readonly waitsFor: WaitsFor | null;
  readonly askAgainAt: Instant | null;
}

export interface PromotionView {
  readonly id: PromotionId;
  readonly environment: string;
  readonly release: { readonly id: ReleaseId; readonly number: number };
  readonly kind: PromotionKind;
  /** `trigger main`, `person anna`, `engine`. */
  readonly origin: { readonly by: 'trigger' | 'person' | 'engine'; readonly detail: string };
  readonly state: 'waiting' | 'running' | 'ended';
  readonly phase: Phase | null;
  readonly outcome: Outcome | null;
  readonly reason: string | null;
  readonly stopping: boolean;
  readonly supersededBy: PromotionId | null;
  readonly rolledBackBy: PromotionId | null;
  readonly requestedAt: Instant;
  readonly startedAt: Instant | null;
  readonly endedAt: Instant | null;
  /** Of a waiting one: what the gates said when last asked. */
  readonly answers: readonly AnswerView[];
}

export interface FreezeBrief extends ControlView {
  readonly id: string;
  readonly until: Instant | null;
}

export interface EnvironmentView {
  readonly name: string;
  /** No longer in the pipeline; shown for as long as something runs there. */
  readonly retired: boolean;
  readonly stopRequest: ControlView | null;
  readonly kind: EnvironmentKind;
  readonly hosting: Hosting;
  readonly after: readonly string[];
  readonly queue: QueueMode;
  readonly url: string | null;
  readonly database: DatabaseSpec['kind'];
  /** What its requests are held to; null where Liftlock does not lead them. */
  readonly limits: {
    readonly bodyBytes: number | null;
    readonly connectMs: number;
    readonly answerMs: number;
    readonly idleMs: number;
    readonly sentence: string;
  } | null;
  readonly running: RunningView | null;
  /** What was seen of the service just now; null for targets that Liftlock does not run itself, and before the first deployment. */
  readonly service: ServiceView | null;
  /** What the last looks found wrong with what serves, though it runs. */
  readonly ailment: Ailment | null;
  readonly hold: ControlView | null;
  readonly pin: (ControlView & { readonly release: ReleaseId }) | null;
  readonly freezes: readonly FreezeBrief[];
  /** Yet to begin. */
  readonly freezesAhead: readonly FreezeBrief[];
  /** Being deployed now. */
  readonly active: PromotionView | null;
  /** How far it has taken over, when it does so in steps. */
  readonly rollout: RolloutBrief | null;
  readonly waiting: readonly PromotionView[];
  /** The last one that ended, superseded ones left out. */
  readonly last: PromotionView | null;
  /** R42: when the engine looks again by itself; null when only an event or a person brings news. */
  readonly lookAgainAt: Instant | null;
}

export interface ServiceView {
  readonly state: 'running' | 'down';
  /** Why it is down, or that it dies again and again. */
  readonly reason: string | null;
  /** How many of its instances are up, of how many; why not all. */
  readonly instances: { readonly up: number; readonly wanted: number; readonly because: string | null };
  /** How often it was restarted since its deployment because it had ended. */
  readonly restarts: number;
  readonly cpuMs: number | null;
  readonly residentBytes: number | null;
}

export interface RunningView {
  readonly release: {
    readonly id: ReleaseId;
    readonly number: number;
    readonly commit: string;
    readonly title: string;
  };
  readonly promotion: PromotionId;
  readonly deployment: DeploymentId;
  readonly since: Instant;
  readonly verdict: VerdictWord | null;
  readonly verdictReason: string | null;
}

export interface ControlView {
  readonly by: string;
  readonly reason: string;
  readonly at: Instant;
}

export interface StatusView {
  readonly project: string;
  readonly source: { readonly url: string; readonly error: string | null; readonly nextLookAt: Instant };
  readonly environments: readonly EnvironmentView[];
  /** Builds that are not done, and the last that failed after the newest release. */
  readonly builds: readonly BuildView[];
  readonly newest: ReleaseView | null;
  /** Notifications that could not be delivered. */
  readonly undelivered: number;
  readonly at: Instant;
}

export interface WhyView {
  readonly project: string;
  readonly environment: string;
  readonly release: {
    readonly id: ReleaseId;
    readonly number: number;
    readonly commit: string;
    readonly title: string;
  };
  /** One word for the whole answer, and one sentence. */
  readonly standing: 'running' | 'deploying' | 'waiting' | 'closed' | 'ready' | 'not-requested';
  readonly sentence: string;
  /** Every gate, in the order asked (R17, R18). */
  readonly answers: readonly AnswerView[];
  readonly promotion: PromotionView | null;
  /** The last attempt that ended, if any. */
  readonly last: PromotionView | null;
  /** R22: who could give the approvals that are missing. */
  readonly approvers: ApproversView | null;
  /** R25: gates that two people could pass in an emergency; none where the pipeline does not allow it. */
  readonly passable: readonly string[];
  readonly since: Instant | null;
  readonly lookAgainAt: Instant | null;
  readonly at: Instant;
}

/** `you`: what whoever reads this should know before he asks for it or tries to approve it. */
export type ApproversView = Omit<Approvers, 'you'> & { readonly you: Reader | null };

export interface PlanView {
  readonly project: string;
  readonly environment: string;
  readonly release: TitledRelease;
  readonly replaces: TitledRelease | null;
  /** R21: approve exactly this. */
  readonly planHash: Digest;
  readonly artifact: Digest;
  readonly direction: 'first' | 'forward' | 'back' | 'again';
  readonly commits: readonly { readonly id: string; readonly subject: string; readonly author: string }[];
  readonly migrations: {
    readonly added: readonly string[];
    readonly changed: readonly string[];
    readonly removed: readonly string[];
  };
  readonly variables: {
    readonly added: readonly string[];
    readonly changed: readonly string[];
    readonly removed: readonly string[];
  };
  readonly steps: readonly string[];
  readonly answers: readonly AnswerView[];
  /** As in `WhyView`. */
  readonly approvers: ApproversView | null;
}

export interface EvidenceView {
  readonly id: EvidenceId;
  /** null: about the artifact wherever it runs. */
  readonly environment: string | null;
  readonly promotion: PromotionId | null;
  readonly kind: EvidenceKind;
  readonly name: string;
  readonly verdict: VerdictWord;
  readonly standing: Standing;
  readonly by: string;
  readonly summary: string;
  readonly format: string | null;
  readonly content: Digest | null;
  readonly at: Instant;
  readonly expiresAt: Instant | null;
  readonly milliseconds: number;
}

export interface EvidenceListView {
  readonly evidence: readonly (EvidenceView & {
    /** The latest of its kind, name, environment and standing, and not over. */
    readonly counts: boolean;
  })[];
}

export interface EvidenceDetailView extends EvidenceView {
  readonly project: string;
  readonly release: { readonly id: ReleaseId; readonly number: number };
  readonly artifact: Digest;
  readonly gitCommit: string | null;
  readonly details: EvidenceDetailsView | null;
  readonly envelope: Digest | null;
  /** Verified when asked; null for what nobody signed. */
  readonly signature: SignatureView | null;
}

export interface SignatureView {
  readonly key: Digest | null;
  readonly by: string | null;
  readonly valid: boolean;
  readonly sentence: string;
}

/** `EvidenceDetails` with null for what is absent. */
export type EvidenceDetailsView = NullForAbsent<EvidenceDetails>;
type NullForAbsent<T> = T extends undefined
  ? null
  : T extends readonly (infer Item)[]
    ? readonly NullForAbsent<Item>[]
    : T extends object
      ? { readonly [Key in keyof T]: NullForAbsent<T[Key]> }
      : T;

export interface ReleaseDetailView {
  readonly project: string;
  readonly release: ReleaseView;
  readonly migrations: readonly string[];
  /** One entry for each environment, in promotion order. */
  readonly journey: readonly {
    readonly environment: string;
    readonly running: boolean;
    readonly verdict: VerdictWord | null;
    readonly verdictReason: string | null;
    readonly verifiedAt: Instant | null;
    readonly promotions: readonly PromotionView[];
  }[];
  readonly evidence: readonly EvidenceView[];
}

export interface NextView {
  readonly environment: string;
  readonly release: TitledRelease | null;
  readonly answers: readonly AnswerView[];
  readonly sentence: string;
}

export interface RollbackTargetView extends ReleaseView {
  /** When it last stopped being what runs. */
  readonly lastUntil: Instant | null;
}

export interface VetoView {
  readonly release: TitledRelease;
  /** `null`: every environment. */
  readonly environment: string | null;
  readonly by: string;
  readonly reason: string;
  readonly at: Instant;
}

export interface VerificationRequestView {
  readonly id: string;
  readonly state: 'waiting' | 'ended';
  readonly verdict: VerdictWord | null;
  readonly reason: string | null;
}

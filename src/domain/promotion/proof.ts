/** What gates look at beside verification and evidence: reviews, notes, accepted plans. Loaded with the facts of a release. */
import type { Digest } from '../base/digest.ts';
import type { ReleaseId } from '../base/id.ts';
import type { Instant } from '../base/time.ts';
import type { EvidenceFact } from '../release/evidence.ts';

/** Each part is loaded only where a gate of the environment looks at it. */
export interface Proofs {
  /** Branches and tags at which the commit was seen. */
  readonly refs: readonly RefFact[];
  /** Commits from what runs here to this release; absent until they were looked up. */
  readonly commits: CommitRange | undefined;
  /** Every review of a commit of the range. */
  readonly reviews: readonly Review[];
  readonly notes: NotesFact | undefined;
  readonly plans: readonly PlanAcceptance[];
  /** What was asked outside: custom gates, the forge, the repository. */
  readonly checks: readonly Check[];
}

export const noProofs: Proofs = {
  refs: [],
  commits: undefined,
  reviews: [],
  notes: undefined,
  plans: [],
  checks: [],
};

/** A finding that a person takes the responsibility for, for a time. */
export interface Suppression {
  readonly finding: string;
  readonly owner: string;
  readonly reason: string;
  readonly until: Instant;
}

/** The load tests of what production runs, to compare with. */
export interface Baseline {
  readonly release: ReleaseId;
  readonly number: number;
  readonly environment: string;
  readonly evidence: readonly EvidenceFact[];
}

export interface RefFact {
  readonly ref: string;
  /** `unchecked`: the pipeline asks for no signatures. */
  readonly trigger:
    | { readonly standing: 'unchecked' }
    | { readonly standing: 'accepted'; readonly mode: 'strict' | 'hosted'; readonly by: string }
    | { readonly standing: 'refused'; readonly code: string; readonly because: string }
    | { readonly standing: 'unjudged' };
}

export interface CommitRange {
  /** Newest first. */
  readonly commits: readonly CommitFact[];
  /** False when there are more than were looked at: nothing then says who wrote the rest. */
  readonly complete: boolean;
}

export interface CommitFact {
  readonly id: string;
  readonly subject: string;
  /** Handles and lower-case e-mail addresses of its author and co-authors. */
  readonly authors: readonly string[];
  /** Brings nothing but what its parents hold. */
  readonly cleanMerge: boolean;
}

export interface Review {
  readonly commit: string;
  readonly decision: 'approve' | 'request-changes';
  /** A handle, or `forge:name` for somebody the forge knows. */
  readonly by: string;
  readonly from: 'liftlock' | 'forge';
  readonly at: Instant;
}

export interface NotesFact {
  readonly digest: Digest;
  readonly source: 'generated' | 'written';
  /** Of generated notes: what ran when they were made. */
  readonly base: ReleaseId | undefined;
  readonly by: string;
  readonly acceptedBy: string | undefined;
}

export interface PlanAcceptance {
  readonly planHash: Digest;
  readonly by: string;
  readonly at: Instant;
}

/** What somebody outside was asked, and what came back. */
export interface Check extends Lookup {
  readonly state: 'asking' | 'answered' | 'failed';
  readonly answer: 'open' | 'waiting' | 'closed' | undefined;
  readonly because: string;
  /** R42: when it is asked again; absent when the answer stands. */
  readonly askAgainAt: Instant | undefined;
}

/** A question for the world outside, which the engine asks when a gate wants the answer. */
export interface Lookup {
  readonly kind: 'commits' | 'forge' | 'custom';
  /** Name of the custom gate; else the kind. */
  readonly name: string;
  /** Another subject is another question: a range of commits, a plan. */
  readonly subject: string;
}

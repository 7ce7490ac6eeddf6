/** A recorded, attributed result, bound to the artifact it is about. */
import type { Digest } from '../base/digest.ts';
import type { EnvironmentId, EvidenceId, EvidenceSignerId, PromotionId, ReleaseId } from '../base/id.ts';
import type { Instant } from '../base/time.ts';
import type { EvidenceDetails } from './evidence-details.ts';

/** R20: only PASS opens anything; INCONCLUSIVE and absence do not. */
export const verdictWords = ['PASS', 'FAIL', 'INCONCLUSIVE'] as const;
export type VerdictWord = (typeof verdictWords)[number];

/** `scan` is about code and image, `audit` about dependencies. */
export const evidenceKinds = [
  'tests',
  'command',
  'readiness',
  'scan',
  'audit',
  'sbom',
  'load',
  'review',
  'sign-off',
  'notes',
  'plan',
  'build',
] as const;
export type EvidenceKind = (typeof evidenceKinds)[number];

/** What tools find out and anybody may bring. The rest is what Liftlock sees itself, or what people decide in commands of their own. */
export const uploadedKinds = ['tests', 'command', 'scan', 'audit', 'sbom', 'load', 'build'] as const;

/** `attested`: made by Liftlock, or signed by a registered evidence signer. `claimed`: somebody uploaded it and says so. */
export const standings = ['attested', 'claimed'] as const;
export type Standing = (typeof standings)[number];

export interface Evidence {
  readonly id: EvidenceId;
  readonly release: ReleaseId;
  readonly artifact: Digest;
  /** Absent when it is about the artifact wherever it runs. */
  readonly environment: EnvironmentId | undefined;
  /** The promotion that was being verified; absent for a later verification and for what was uploaded. */
  readonly promotion: PromotionId | undefined;
  /** The commit that the result names, where it names one. */
  readonly gitCommit: string | undefined;
  readonly kind: EvidenceKind;
  /** Tells results of one kind apart: the verification command, the tool, `readiness`. */
  readonly name: string;
  readonly verdict: VerdictWord;
  readonly standing: Standing;
  /** Who brought it: a person's handle, `system:…`, or `signer:…`. */
  readonly by: string;
  /** One sentence: what was looked at and what it said. */
  readonly summary: string;
  readonly details: EvidenceDetails | undefined;
  /** How the stored content is written: `junit`, `sarif`, `dsse` …; absent when nothing is stored. */
  readonly format: string | undefined;
  /** SHA-256 of the stored content: the report as it was read. */
  readonly content: Digest | undefined;
  /** SHA-256 of the stored envelope, in which the result is signed. */
  readonly envelope: Digest | undefined;
  /** The registered signer whose signature counts; absent for what Liftlock made itself, and for claims. */
  readonly signer: EvidenceSignerId | undefined;
  readonly at: Instant;
  /** From then on it counts as missing. */
  readonly expiresAt: Instant | undefined;
  readonly milliseconds: number;
  /** Key of the run whose output is kept, for `liftlock logs`. */
  readonly run: string | undefined;
}

/** The latest record of one kind and name in one place, as gates see it. */
export interface EvidenceFact extends Pick<
  Evidence,
  'id' | 'kind' | 'name' | 'verdict' | 'standing' | 'by' | 'summary' | 'details' | 'at' | 'expiresAt'
> {
  /** Name of the environment; absent when it is about the artifact wherever it runs. */
  readonly environment: string | undefined;
}

/** What still counts. An older record does not come back when the latest has expired: expired is missing. */
export function inForce<Fact extends Pick<EvidenceFact, 'expiresAt'>>(
  latest: readonly Fact[],
  now: Instant,
): readonly Fact[] {
  return latest.filter(({ expiresAt }) => expiresAt === undefined || expiresAt > now);
}

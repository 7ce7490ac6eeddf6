/** What is known about an environment, loaded at once for the engine to decide on. */
import type { ClientBase } from 'pg';
import type { EnvironmentId, PipelineRevisionId, ReleaseId } from '../../../domain/base/id.ts';
import type { Digest } from '../../../domain/base/digest.ts';
import type { Instant } from '../../../domain/base/time.ts';
import type { SignatureMode } from '../../../domain/pipeline/trust.ts';
import type { Approver } from '../../../domain/access/approver.ts';
import type { Contributor } from '../../../domain/access/independence.ts';
import { trustDefaults } from '../../../domain/pipeline/defaults.ts';
import type { EnvironmentSpec } from '../../../domain/pipeline/environment.ts';
import type { TrustSpec } from '../../../domain/pipeline/pipeline.ts';
import type {
  Approval,
  BreakGlass,
  Contribution,
  EnvironmentFacts,
  Freeze,
  Hold,
  JudgedRef,
  Lease,
  OverdueFollowUp,
  Pin,
  ReleaseFacts,
  Running,
  UpstreamDeployment,
  Sighting,
  UpstreamFacts,
  Verification,
  Veto,
} from '../../../domain/promotion/facts.ts';
import type { Baseline, Suppression } from '../../../domain/promotion/proof.ts';
import type { Outcome } from '../../../domain/promotion/promotion.ts';
import type { EvidenceFact } from '../../../domain/release/evidence.ts';
import { sightings } from '../../../domain/trigger/sighting.ts';
import type { FactsOptions } from '../../../ports/store.ts';
import { factsQuery } from './facts-query.ts';
import { toProofs, type LoadedProofs } from '../gate/proofs.ts';
import { toPromotion, type StoredPromotion } from './promotions.ts';
import { statement } from '../session.ts';
import { present } from '../values.ts';

/** `undefined` when there is no such environment. */
export async function loadFacts(
  client: ClientBase,
  environment: EnvironmentId,
  { now, alsoRelease }: FactsOptions,
): Promise<EnvironmentFacts | undefined> {
  const { rows } = await client.query<{ facts: Loaded }>(
    statement(factsQuery, [environment, now, alsoRelease ?? null]),
  );
  const loaded = rows[0]?.facts;
  return loaded && toFacts(loaded, now);
}

/** The document as `factsQuery` writes it: NULL for what is absent. */
interface Loaded {
  readonly id: EnvironmentId;
  readonly spec: EnvironmentSpec;
  readonly trust: Partial<TrustSpec> | null;
  readonly revision: PipelineRevisionId;
  readonly mainBranch: string | null;
  readonly signatures: SignatureMode;
  readonly running: Running | null;
  readonly hold: Hold | null;
  readonly pin: Pin | null;
  readonly lease: (Omit<Lease, 'holder'> & { readonly holder: string | null }) | null;
  readonly schedule: EnvironmentFacts['schedule'];
  readonly suppressions: readonly Suppression[] | null;
  readonly baseline: (Omit<Baseline, 'evidence'> & { readonly evidence: readonly LoadedEvidence[] }) | null;
  readonly freezes: readonly LoadedFreeze[];
  readonly freezesAhead: readonly LoadedFreeze[];
  readonly open: readonly StoredPromotion[];
  readonly keys: readonly string[];
  readonly scheduleKeys: readonly string[];
  readonly releases: readonly LoadedRelease[];
  readonly breakGlasses: readonly (Omit<BreakGlass, 'promotion'> & {
    readonly promotion: BreakGlass['promotion'] | null;
  })[];
  readonly followUps: readonly OverdueFollowUp[];
}

interface LoadedRelease extends LoadedProofs {
  readonly id: ReleaseId;
  readonly number: number;
  readonly commit: string;
  readonly artifact: Digest;
  readonly createdAt: Instant;
  readonly refs: readonly string[] | null;
  readonly judged: readonly LoadedJudgement[] | null;
  readonly upstream: readonly LoadedUpstream[] | null;
  readonly veto: Veto | null;
  readonly lastOutcome: Outcome | null;
  readonly approvals: readonly (Omit<Approval, 'approver'> & { readonly approver: Approver | null })[] | null;
  readonly contribution: LoadedContribution | null;
  readonly asked: ReleaseFacts['asked'] | null;
  readonly evidence: readonly LoadedEvidence[] | null;
}

type LoadedEvidence = { readonly [Key in keyof EvidenceFact]: EvidenceFact[Key] | null } & Omit<
  EvidenceFact,
  'environment' | 'details' | 'expiresAt'
>;

interface LoadedContribution {
  readonly contributors: readonly Contributor[] | null;
  readonly commits: number;
  readonly complete: boolean;
  readonly problem: string | null;
  readonly lookAgainAt: Instant | null;
}

interface LoadedUpstream {
  readonly environment: string;
  readonly verified: Verification | null;
  readonly occupied: { readonly from: Instant; readonly until: Instant | null } | null;
  readonly deployed: UpstreamDeployment | null;
  readonly onItsWay: boolean;
}

function toFacts(loaded: Loaded, now: Instant): EnvironmentFacts {
  return {
    id: loaded.id,
    spec: loaded.spec,
    mainBranch: loaded.mainBranch ?? '',
    // Revisions recorded before a key was known ask for what the key's default asks for.
    trust: { ...trustDefaults, ...loaded.trust },
    revision: loaded.revision,
    running: present(loaded.running),
    hold: present(loaded.hold),
    pin: present(loaded.pin),
    schedule: loaded.schedule,
    lease: loaded.lease === null ? undefined : { ...loaded.lease, holder: present(loaded.lease.holder) },
    freezes: loaded.freezes.map(toFreeze),
    freezesAhead: loaded.freezesAhead.map(toFreeze),
    suppressions: loaded.suppressions ?? [],
    baseline:
      loaded.baseline === null
        ? undefined
        : { ...loaded.baseline, evidence: loaded.baseline.evidence.map(toEvidenceFact) },
    open: loaded.open.map(toPromotion),
    releases: loaded.releases.map((release) => toRelease(loaded, release, now)),
    breakGlasses: loaded.breakGlasses.map((one) => ({ ...one, promotion: present(one.promotion) })),
    overdue: loaded.followUps,
    usedKeys: new Set([...loaded.keys, ...loaded.scheduleKeys]),
    now,
  };
}

/** What an event of main, or a tag, has to be accepted as. */
const classOf = { commit: 'development', main: 'staging', tag: 'production' } as const;

type LoadedFreeze = Omit<Freeze, 'until'> & { readonly until: Instant | null };

function toFreeze(loaded: LoadedFreeze): Freeze {
  return { ...loaded, until: present(loaded.until) };
}

type LoadedJudgement = Omit<JudgedRef, 'basis' | 'signer'> & {
  readonly basis: JudgedRef['basis'] | null;
  readonly signer: string | null;
};

function toRelease(loaded: Loaded, release: LoadedRelease, now: Instant): ReleaseFacts {
  const { spec, mainBranch, signatures } = loaded;
  const { id, number, commit, artifact, createdAt } = release;
  const judged = (release.judged ?? []).map((one) => ({
    ...one,
    basis: present(one.basis),
    signer: present(one.signer),
  }));
  const accepted = (ref: string, trigger: Sighting['trigger']) =>
    judged.some((one) => one.accepted && one.ref === ref && one.class === classOf[trigger]);
  const seen = (release.refs ?? []).flatMap((ref) =>
    sightings(spec, mainBranch ?? '', { ref, commit }).map((sighting) => ({
      sighting,
      counts: signatures === 'none' || sighting.trigger === 'commit' || accepted(ref, sighting.trigger),
    })),
  );
  return {
    id,
    number,
    commit,
    artifact,
    createdAt,
    sightings: seen.filter(({ counts }) => counts).map(({ sighting }) => sighting),
    judged,
    upstream: (release.upstream ?? []).map(toUpstream),
    veto: present(release.veto),
    lastOutcome: present(release.lastOutcome),
    approvals: (release.approvals ?? []).map((one) => ({ ...one, approver: present(one.approver) })),
    contribution: toContribution(loaded, release.contribution, now),
    asked: present(release.asked),
    evidence: (release.evidence ?? []).map(toEvidenceFact),
    proofs: toProofs(release, { signatures, judged }),
  };
}

/** Without an approval gate nobody asks. */
function toContribution({ spec, trust }: Loaded, loaded: LoadedContribution | null, now: Instant): Contribution {
  if (!spec.gates.some(({ gate }) => gate === 'approval')) return { known: true, contributors: [], commits: 0 };
  const unknown = { known: false, waitsFor: 'lookup' } as const;
  if (loaded === null)
    return {
      ...unknown,
      because: 'who wrote the commits of the release is looked up when a promotion waits',
      askAgainAt: now,
    };
  const { contributors, commits, complete, problem, lookAgainAt } = loaded;
  if (contributors === null)
    return {
      ...unknown,
      because: `who wrote the commits of the release could not be looked up: ${problem ?? 'no reason recorded'}`,
      askAgainAt: lookAgainAt ?? now,
    };
  if (complete || trust?.separation === 'none') return { known: true, contributors, commits };
  return {
    known: false,
    because: `more than ${commits} commits lie between this release and what runs; who wrote them all cannot be told`,
    waitsFor: 'person',
    askAgainAt: undefined,
  };
}

function toUpstream({ environment, verified, occupied, deployed, onItsWay }: LoadedUpstream): UpstreamFacts {
  return {
    environment,
    verified: present(verified),
    occupied: occupied === null ? undefined : { from: occupied.from, until: present(occupied.until) },
    deployed: present(deployed),
    onItsWay,
  };
}

function toEvidenceFact(piece: LoadedEvidence): EvidenceFact {
  return {
    ...piece,
    environment: present(piece.environment),
    details: present(piece.details),
    expiresAt: present(piece.expiresAt),
  };
}

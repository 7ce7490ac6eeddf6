/** What the facts query answers about reviews, notes, plans and checks, as the domain knows it. */
import type { Instant } from '../../../domain/base/time.ts';
import type { SignatureMode } from '../../../domain/pipeline/trust.ts';
import type { JudgedRef } from '../../../domain/promotion/facts.ts';
import type {
  Check,
  CommitRange,
  NotesFact,
  PlanAcceptance,
  Proofs,
  RefFact,
  Review,
} from '../../../domain/promotion/proof.ts';
import { whyRefused } from '../../../domain/promotion/trusted.ts';
import { refusals } from '../../../domain/trigger/check.ts';
import { present } from '../values.ts';

export interface LoadedProofs {
  readonly commit: string;
  readonly refs: readonly string[] | null;
  readonly commits: LoadedRange | null;
  readonly notes:
    | (Omit<NotesFact, 'base' | 'acceptedBy'> & { base: NotesFact['base'] | null; acceptedBy: string | null })
    | null;
  readonly plans: readonly PlanAcceptance[] | null;
  readonly checks:
    | readonly (Omit<Check, 'answer' | 'askAgainAt'> & { answer: Check['answer'] | null; askAgainAt: Instant | null })[]
    | null;
}

interface LoadedRange extends CommitRange {
  /** Handles of people by the addresses among the authors. */
  readonly people: Readonly<Record<string, string>> | null;
  readonly reviews: readonly Review[] | null;
  /** What the forge said the last time. */
  readonly forge: readonly Review[] | null;
}

/** What was judged, and under which of the pipeline's demands. */
export interface Judged {
  readonly signatures: SignatureMode;
  readonly judged: readonly JudgedRef[];
}

export function toProofs({ refs, commits, notes, plans, checks }: LoadedProofs, judged: Judged): Proofs {
  return {
    refs: (refs ?? []).map((ref) => ({ ref, trigger: triggerOf(ref, judged) })),
    commits: commits === null ? undefined : toRange(commits),
    reviews: [...(commits?.reviews ?? []), ...(commits?.forge ?? [])],
    notes: notes === null ? undefined : { ...notes, base: present(notes.base), acceptedBy: present(notes.acceptedBy) },
    plans: plans ?? [],
    checks: (checks ?? []).map((check) => ({
      ...check,
      answer: present(check.answer),
      askAgainAt: present(check.askAgainAt),
    })),
  };
}

/** Commits know people by address; here they become the handles under which they review and sign. */
function toRange({ commits, complete, people }: LoadedRange): CommitRange {
  return {
    complete,
    commits: commits.map((commit) => ({
      ...commit,
      authors: [...commit.authors, ...commit.authors.flatMap((address) => people?.[address] ?? [])],
    })),
  };
}

function triggerOf(ref: string, { signatures, judged }: Judged): RefFact['trigger'] {
  if (signatures === 'none') return { standing: 'unchecked' };
  const found = judged.find((one) => one.ref === ref);
  if (found === undefined) return { standing: 'unjudged' };
  if (found.accepted) {
    const isHosted = found.basis === 'hosted-acceptance';
    const by = isHosted ? found.vouchedBy.join(' and ') : (found.signer ?? '');
    return { standing: 'accepted', mode: isHosted ? 'hosted' : 'strict', by };
  }
  return { standing: 'refused', code: refusals(found)[0] ?? 'SIGNER_REVOKED', because: whyRefused(found) };
}

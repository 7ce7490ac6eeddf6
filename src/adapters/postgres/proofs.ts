/** What the facts query answers about reviews, notes, plans and checks, as the domain knows it. */
import type { Instant } from '../../domain/base/time.ts';
import type { SignatureMode } from '../../domain/pipeline/trust.ts';
import type { Check, CommitRange, NotesFact, PlanAcceptance, Proofs, Review } from '../../domain/promotion/proof.ts';
import { present } from './values.ts';

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
}

export function toProofs({ refs, commits, notes, plans, checks }: LoadedProofs, signatures: SignatureMode): Proofs {
  return {
    refs: (refs ?? []).map((ref) => ({ ref, trigger: { standing: signatures === 'none' ? 'unchecked' : 'unjudged' } })),
    commits: commits === null ? undefined : toRange(commits),
    reviews: commits?.reviews ?? [],
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

import type { VerdictWord } from '../../../../src/domain/release/evidence.ts';

/** As much of a change's document as a person reads first; the export has all of it. */
export interface Recorded {
  readonly release: { readonly author: string; readonly artifact: string };
  readonly promotion: { readonly origin: { readonly by: string; readonly actor?: string; readonly trigger?: string } };
  readonly plan: { readonly steps: readonly string[]; readonly acceptedBy: string | null };
  readonly approvals: readonly {
    readonly actor: string;
    readonly decision: 'approve' | 'reject';
    readonly reason: string;
    readonly at: number;
  }[];
  readonly gates: readonly { readonly gate: string; readonly because: string }[];
  readonly evidence: readonly {
    readonly id: string;
    readonly name: string;
    readonly kind: string;
    readonly verdict: VerdictWord;
    readonly standing: string;
    readonly by: string;
    readonly environment: string | null;
    readonly summary: string;
    readonly at: number;
  }[];
  readonly trust: { readonly separation: 'two-person' | 'none' };
  readonly outcome: { readonly reason: string | null };
}

/** As much of a change's document as a person reads first; the export has all of it. */
export interface Recorded {
  readonly release: { readonly author: string; readonly commit: string; readonly artifact: string };
  readonly promotion: { readonly origin: { readonly by: string; readonly actor?: string; readonly trigger?: string } };
  readonly plan: { readonly steps: readonly string[]; readonly acceptedBy: string | null };
  readonly approvals: readonly {
    readonly actor: string;
    readonly decision: 'approve' | 'reject';
    readonly reason: string;
    readonly at: number;
  }[];
  readonly gates: readonly { readonly gate: string; readonly answer: string; readonly because: string }[];
  readonly evidence: readonly {
    readonly id: string;
    readonly name: string;
    readonly kind: string;
    readonly verdict: 'PASS' | 'FAIL' | 'INCONCLUSIVE';
    readonly standing: string;
    readonly by: string;
    readonly environment: string | null;
    readonly summary: string;
    readonly at: number;
  }[];
  readonly trust: { readonly separation: 'two-person' | 'none' };
  readonly outcome: {
    readonly outcome: string | null;
    readonly reason: string | null;
    readonly endedAt: number | null;
  };
}

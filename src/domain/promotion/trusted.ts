/** Whether a release may stand in an environment that only accepted commits of main reach. */
import type { EnvironmentKind } from '../pipeline/environment.ts';
import { refusals } from '../trigger/check.ts';
import type { EnvironmentFacts, JudgedRef, ReleaseFacts } from './facts.ts';

/** From staging on, whoever asks for it: a person`s wish is no signature. */
const guarded: readonly EnvironmentKind[] = ['staging', 'production', 'disaster-recovery'];

export type Trusted =
  /** Nothing is asked of what enters this environment. */
  | { readonly standing: 'not-asked' }
  /** The pipeline says that nobody has to sign. */
  | { readonly standing: 'switched-off' }
  | { readonly standing: 'accepted'; readonly by: JudgedRef }
  /** `closest` is the judgement of the commit as a commit of main; absent when it never was one. */
  | { readonly standing: 'refused'; readonly closest: JudgedRef | undefined };

export function trusted({ spec, trust }: EnvironmentFacts, { judged }: ReleaseFacts): Trusted {
  if (!guarded.includes(spec.kind)) return { standing: 'not-asked' };
  if (trust.signatures === 'none') return { standing: 'switched-off' };
  const ofMain = judged.filter((one) => one.class === 'staging');
  const by = ofMain.find(({ accepted }) => accepted);
  return by === undefined ? { standing: 'refused', closest: ofMain.at(-1) } : { standing: 'accepted', by };
}

/** `UNSIGNED: commit 4f2a… carries no signature`; what was accepted and no longer counts says so. */
export function whyRefused(judged: JudgedRef): string {
  if (refusals(judged).length === 0)
    return `what ${judged.ref} was accepted for no longer holds: its key, its signer's role or main has changed`;
  return judged.checks.flatMap((check) => (check.passed ? [] : [`${check.code}: ${check.sentence}`])).join('; ');
}

/** What would make it pass, check by check. */
export function hintsOf({ checks }: JudgedRef): readonly string[] {
  return checks.flatMap(({ passed, hint }) => (passed || hint === undefined ? [] : [hint]));
}

/** What has to be asked outside before a gate can answer, and what came back so far. */
import type { ReleaseFacts } from '../promotion/facts.ts';
import type { Check, Lookup } from '../promotion/proof.ts';

/** The check that answers this question, if it was ever asked. */
export function checkOf({ proofs }: ReleaseFacts, wanted: Lookup): Check | undefined {
  return proofs.checks.find(
    ({ kind, name, subject }) => kind === wanted.kind && name === wanted.name && subject === wanted.subject,
  );
}

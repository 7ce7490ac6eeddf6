/** Which pieces of evidence a gate may count (R20). */
import { between, type Duration, type Instant } from '../base/time.ts';
import type { Claimed } from '../pipeline/gate-spec.ts';
import type { EvidenceFact } from '../release/evidence.ts';
import { roughly } from './gate.ts';

export interface Counting {
  readonly claimed: Claimed;
  readonly now: Instant;
  /** How old it may be; as old as its own expiry allows when absent. */
  readonly within?: Duration;
}

/** Why a piece does not count; `undefined` when it does. */
export function uncounted(piece: EvidenceFact, { claimed, now, within }: Counting): string | undefined {
  if (piece.standing === 'claimed' && claimed === 'refused')
    return `${piece.name} was uploaded by ${piece.by} and is only claimed`;
  if (piece.expiresAt !== undefined && piece.expiresAt <= now) return `${piece.name} has expired`;
  const age = between(piece.at, now);
  if (within !== undefined && age > within)
    return `${piece.name} is ${roughly(age)} old; at most ${roughly(within)} is allowed`;
  return undefined;
}

/** The latest piece of each name and environment: an earlier PASS does not outlive a later FAIL (R3). */
export function latestOfEach(pieces: readonly EvidenceFact[]): readonly EvidenceFact[] {
  const latest = new Map<string, EvidenceFact>();
  for (const piece of pieces) {
    const key = `${piece.kind} ${piece.name} ${piece.environment ?? ''}`;
    const known = latest.get(key);
    if (known === undefined || known.at < piece.at || (known.at === piece.at && known.id < piece.id))
      latest.set(key, piece);
  }
  return [...latest.values()];
}

export function placeOf({ environment }: EvidenceFact): string {
  return environment === undefined ? '' : ` in ${environment}`;
}

import type { Reading } from '../../domain/release/reading.ts';

/** What every format's reader gets. Text formats read `content`, JSON formats `value`. */
export interface Report {
  readonly content: Uint8Array;
  readonly value: unknown;
  readonly exitCode: number | null | undefined;
}

export function inconclusive(summary: string, details?: Reading['details']): Reading {
  return { verdict: 'INCONCLUSIVE', summary, details };
}

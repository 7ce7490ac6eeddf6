import type { TestCounts } from '../domain/release/evidence-details.ts';

/** Reads reports that tools write. What cannot be read in full says so; it is never taken for good news. */
export interface Reports {
  junit(file: string): Promise<ReportReading>;
}

export type ReportReading =
  | { readonly readable: true; readonly counts: TestCounts; readonly failed: readonly string[] }
  | { readonly readable: false; readonly because: string };

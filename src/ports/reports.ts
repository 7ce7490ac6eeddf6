import type { ReportFormat } from '../domain/pipeline/report.ts';
import type { Reading } from '../domain/release/reading.ts';

/** Reads reports that tools write. Untrusted: whatever the content is, the answer comes soon and in bounded memory. */
export interface Reports {
  /** `undefined` when nobody said how it is written and it looks like nothing we know. */
  read(content: Uint8Array, how: HowToRead): Promise<ReportRead | undefined>;
  /** A file that was not written, or is none, is INCONCLUSIVE like any other that cannot be read. */
  readFile(path: string, how: HowToRead & { readonly format: ReportFormat }): Promise<FileRead>;
}

export interface HowToRead {
  /** Found out from the content when absent. */
  readonly format?: ReportFormat;
  /** Of the tool that wrote it, where known; `null` when it did not end by itself. Some formats mean nothing without it. */
  readonly exitCode?: number | null;
}

export interface ReportRead {
  readonly format: ReportFormat;
  readonly reading: Reading;
}

export interface FileRead {
  readonly reading: Reading;
  /** Absent when there is nothing, or more than a report of this format may have. */
  readonly content: Uint8Array | undefined;
}

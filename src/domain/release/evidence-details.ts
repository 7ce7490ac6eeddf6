/** What a result says beyond its verdict: one shape for each thing that can be looked at, whatever tool looked. */

export type EvidenceDetails = TestDetails | FindingDetails | LoadDetails | ComponentDetails | ExitDetails;

export interface TestDetails {
  readonly of: 'tests';
  readonly counts: TestCounts;
  /** Names of the first failed cases. */
  readonly failed: readonly string[];
  /** Names of the first cases that passed only when they were tried again. */
  readonly flaky: readonly string[];
}

export interface TestCounts {
  readonly tests: number;
  readonly failures: number;
  readonly errors: number;
  readonly skipped: number;
}

/** From the worst to the least; `unknown` is what the tool did not rate. */
export const severities = ['critical', 'high', 'medium', 'low', 'info', 'unknown'] as const;
export type Severity = (typeof severities)[number];

/** Of `scan` and `audit`, and of an `sbom` that lists vulnerabilities. */
export interface FindingDetails {
  readonly of: 'findings';
  readonly tool: string | undefined;
  /** How many packages or files were looked at, where the tool says so. */
  readonly looked: number | undefined;
  /** Findings that nobody suppressed, by severity; counts all of them, listed or not. */
  readonly bySeverity: Readonly<Record<Severity, number>>;
  readonly suppressed: number;
  /** The worst first, suppressed ones last, at most 200. */
  readonly findings: readonly Finding[];
  /** False when there are more than are listed: who judges the list has not seen all. */
  readonly complete: boolean;
}

export interface Finding {
  readonly id: string;
  readonly severity: Severity;
  readonly title: string;
  /** File and line, or package and version. */
  readonly where: string | undefined;
  /** CVSS-like, 0 to 10, where the tool gives one. */
  readonly score: number | undefined;
  /** Set when the tool's own report says that somebody accepted it. */
  readonly suppressed: { readonly because: string } | undefined;
}

export interface LoadDetails {
  readonly of: 'load';
  readonly metrics: LoadMetrics;
  readonly thresholds: readonly { readonly name: string; readonly ok: boolean }[];
}

/** Times in milliseconds; absent what the tool does not measure. */
export interface LoadMetrics {
  readonly requests: number;
  /** 0 to 1: requests that failed, were not answered in time or not with success. */
  readonly errorRate: number;
  readonly requestsPerSecond: number | undefined;
  readonly p50: number | undefined;
  readonly p95: number | undefined;
  readonly p99: number | undefined;
  readonly max: number | undefined;
}

/** Of an `sbom`. */
export interface ComponentDetails {
  readonly of: 'components';
  readonly components: number;
}

/** Of a command that left nothing but its exit code; `null` when it did not end by itself. */
export interface ExitDetails {
  readonly of: 'exit';
  readonly code: number | null;
}

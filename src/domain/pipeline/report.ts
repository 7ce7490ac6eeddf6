/** Formats in which tools write down what they found. */
export const reportFormats = [
  'junit',
  'sarif',
  'npm-audit',
  'trivy',
  'osv',
  'cyclonedx',
  'spdx',
  'k6',
  'autocannon',
  'exit-code',
] as const;
export type ReportFormat = (typeof reportFormats)[number];

/** What a verification command leaves behind for us to read. */
export interface ReportSpec {
  readonly format: ReportFormat;
  /** Relative to the command's working directory. */
  readonly path: string;
}

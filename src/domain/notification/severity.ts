/** How much something concerns whoever hears of it. */
export const severities = ['info', 'warning', 'page'] as const;

/** `info`: it happened. `warning`: somebody should look by day. `page`: somebody must look now. */
export type Severity = (typeof severities)[number];

export function isAtLeast(severity: Severity, least: Severity): boolean {
  return severities.indexOf(severity) >= severities.indexOf(least);
}

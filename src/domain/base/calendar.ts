/** The only place that knows about days, clocks on walls and daylight saving. */

export const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type Weekday = (typeof weekdays)[number];

/** `HH:MM`, 00:00 to 24:00. */
export type WallTime = string;

/** R26: when deployments may start. Deny beats allow; no `allow` at all means any time. */
export interface Window {
  /** IANA name, e.g. `Europe/Berlin`. */
  readonly zone: string;
  readonly allow: readonly WeeklySpan[];
  readonly deny: readonly (WeeklySpan | DateSpan)[];
}

/** Every named day from `from` to `to`; `to` at or before `from` reaches into the next day. */
export interface WeeklySpan {
  readonly days: readonly Weekday[];
  readonly from: WallTime;
  readonly to: WallTime;
}

/** Calendar dates `YYYY-MM-DD`, both included. */
export interface DateSpan {
  readonly fromDate: string;
  readonly toDate: string;
}

export interface Schedule {
  readonly zone: string;
  readonly days: readonly Weekday[];
  readonly at: WallTime;
}

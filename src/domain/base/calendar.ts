/** The only place that knows about days, clocks on walls and daylight saving. */
import { Temporal } from 'temporal-polyfill';
import type { Instant } from './time.ts';

export const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type Weekday = (typeof weekdays)[number];

/** `HH:MM`, 00:00 to 24:00. */
export type WallTime = string;

/**
 * R26: when deployments may start. Deny beats allow; no `allow` at all means any time.
 *
 * Spans are read on the wall: one holds whenever the calendar and clock of the zone show a moment
 * inside it. An hour that the clock shows twice is inside both times, one that it skips never.
 */
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

/** Whether a window is open, and when that changes; the time is absent when it does not within a year. */
export type WindowAnswer =
  | { readonly open: true; readonly closesAt?: Instant }
  | {
      readonly open: false;
      readonly opensAt?: Instant;
      /** The denying span when there is one, even if nothing allows this moment either. */
      readonly because: 'outside' | { readonly denied: WeeklySpan | DateSpan };
    };

/**
 * Whether deployments may start at this moment (R26).
 * @throws RangeError for an unknown zone or a malformed time or date.
 */
export function windowAt(window: Window, at: Instant): WindowAnswer {
  const plan = compile(window);
  const now = localTime(window.zone, at);
  const denied = plan.deny.find((span) => holds(span, now));
  const open = isOpen(plan, now);
  const changesAt = nextChange(plan, at, open);
  if (open) return changesAt === undefined ? { open } : { open, closesAt: changesAt };
  const because = denied === undefined ? 'outside' : { denied: denied.written };
  return changesAt === undefined ? { open, because } : { open, opensAt: changesAt, because };
}

/**
 * The first time after `after` at which the schedule fires. A wall time that daylight saving skips
 * fires at the first instant after the gap, one that comes twice fires the first time only, and a
 * calendar day that the zone left out (Samoa, 2011-12-30) does not fire.
 * @throws RangeError when the schedule names no day, an unknown zone or a malformed time.
 */
export function nextTime(schedule: Schedule, after: Instant): Instant {
  const today = Math.floor(localTime(schedule.zone, after) / day);
  for (let date = today - 2; date <= today + searchedDays; date++) {
    const time = firingOn(schedule, date);
    if (time !== undefined && time > after) return time;
  }
  throw new RangeError('the schedule names no day');
}

/** The latest time at or before `at` at which the schedule fired; as `nextTime` otherwise. */
export function previousTime(schedule: Schedule, at: Instant): Instant {
  const today = Math.floor(localTime(schedule.zone, at) / day);
  for (let date = today + 1; date >= today - searchedDays; date--) {
    const time = firingOn(schedule, date);
    if (time !== undefined && time <= at) return time;
  }
  throw new RangeError('the schedule names no day');
}

/** Minutes since midnight, 0 to 1440; `undefined` when the text is not `HH:MM`. */
export function parseWallTime(text: string): number | undefined {
  const parts = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(text);
  if (parts === null) return text === '24:00' ? 1_440 : undefined;
  return Number(parts[1]) * 60 + Number(parts[2]);
}

/** True for a name of the IANA time zone database, `UTC` included; bare offsets such as `+02:00` are not names. */
export function isZone(text: string): boolean {
  if (!/^[A-Za-z]/.test(text)) return false;
  try {
    return new Temporal.ZonedDateTime(0n, text).timeZoneId !== '';
  } catch {
    return false;
  }
}

/** True for a date of the calendar written `YYYY-MM-DD`; 2026-02-30 is not one. */
export function isCalendarDate(text: string): boolean {
  return parseDate(text) !== undefined;
}

/**
 * Milliseconds that the zone's clock and calendar show, counted as if it were UTC. Wall times are
 * compared and added in this form; only `instantsOf` and `periodAt` know how they map to instants.
 */
type LocalTime = number;

const minute = 60_000;
const day = 1_440 * minute;
const week = 7 * day;
/** Monday 1970-01-05, the origin of weeks. */
const firstMonday = 4 * day;
const searchedAhead = 366 * day;
/** Any weekday comes within 7 days, within 14 when the zone left that one out. */
const searchedDays = 16;

/** A span as intervals of milliseconds, end excluded, that repeat every week or, for dates, never. */
interface CompiledSpan {
  readonly written: WeeklySpan | DateSpan;
  readonly weekly: boolean;
  readonly intervals: readonly (readonly [start: number, end: number])[];
}

interface Plan {
  readonly zone: string;
  readonly allow: readonly CompiledSpan[];
  readonly deny: readonly CompiledSpan[];
  /** Where any weekly span starts or ends, as sorted milliseconds of the week. */
  readonly weeklyEdges: readonly number[];
}

function compile(window: Window): Plan {
  const allow = window.allow.map(compileSpan);
  const deny = window.deny.map(compileSpan);
  const weekly = [...allow, ...deny].filter((span) => span.weekly).flatMap((span) => span.intervals.flat());
  const edges = new Set(weekly.map((edge) => modulo(edge, week)));
  return { zone: window.zone, allow, deny, weeklyEdges: [...edges].toSorted((left, right) => left - right) };
}

function compileSpan(span: WeeklySpan | DateSpan): CompiledSpan {
  if ('fromDate' in span) {
    const from = parseDate(span.fromDate);
    const to = parseDate(span.toDate);
    if (from === undefined || to === undefined)
      throw new RangeError(`${span.fromDate}..${span.toDate} is not a span of dates`);
    return { written: span, weekly: false, intervals: [[from * day, (to + 1) * day]] };
  }
  const from = wallTime(span.from);
  const to = wallTime(span.to);
  const length = (to > from ? to - from : to - from + 1_440) * minute;
  const starts = span.days.map((name) => weekdays.indexOf(name) * day + from * minute);
  return { written: span, weekly: true, intervals: starts.map((start) => [start, start + length] as const) };
}

function isOpen(plan: Plan, local: LocalTime): boolean {
  if (plan.deny.some((span) => holds(span, local))) return false;
  return plan.allow.length === 0 || plan.allow.some((span) => holds(span, local));
}

function holds(span: CompiledSpan, local: LocalTime): boolean {
  if (!span.weekly) return span.intervals.some(([start, end]) => start <= local && local < end);
  // Intervals reach up to three days past their week, so the moment is looked for in both weeks.
  const inWeek = modulo(local - firstMonday, week);
  return span.intervals.some(
    ([start, end]) => (start <= inWeek && inWeek < end) || (start <= inWeek + week && inWeek + week < end),
  );
}

/** When the window next opens or closes after `at`: walks from edge to edge and from offset to offset. */
function nextChange(plan: Plan, at: Instant, open: boolean): Instant | undefined {
  const limit = at + searchedAhead;
  let period = periodAt(plan.zone, at);
  let here: number = at;
  while (true) {
    here = Math.min(nextEdge(plan, here + period.offset) - period.offset, period.until);
    if (here > limit) return undefined;
    if (here === period.until) period = periodAt(plan.zone, here as Instant);
    if (isOpen(plan, here + period.offset) !== open) return here as Instant;
  }
}

/** The first wall time after `local` at which the answer can change; infinite when it never does. */
function nextEdge(plan: Plan, local: LocalTime): LocalTime {
  let next = nextWeeklyEdge(plan.weeklyEdges, local);
  for (const span of plan.deny) {
    if (span.weekly) continue;
    for (const [start, end] of span.intervals) {
      if (start <= local && local < end) return end;
      if (start > local && start < next) next = start;
    }
  }
  return next;
}

function nextWeeklyEdge(edges: readonly number[], local: LocalTime): LocalTime {
  const first = edges[0];
  if (first === undefined) return Infinity;
  const inWeek = modulo(local - firstMonday, week);
  const later = edges.find((edge) => edge > inWeek) ?? first + week;
  return local - inWeek + later;
}

/** When the schedule fires for the calendar day `date` (days since 1970-01-01), if it does. */
function firingOn(schedule: Schedule, date: number): Instant | undefined {
  const name = weekdays[modulo(date * day - firstMonday, week) / day];
  if (name === undefined || !schedule.days.includes(name)) return undefined;
  return firstInstantOf(schedule.zone, date, date * day + wallTime(schedule.at) * minute);
}

/** The first instant at which the zone shows `local` or more; `undefined` when it never shows the day at all. */
function firstInstantOf(zone: string, date: number, local: LocalTime): Instant | undefined {
  // No zone is further than 26 hours from UTC, so the search starts before the day and ends after it.
  let here = (date * day - 2 * day) as Instant;
  let found: Instant | undefined;
  let dayExists = false;
  while (here < (date + 4) * day) {
    const { offset, until } = periodAt(zone, here);
    dayExists ||= here + offset < (date + 1) * day && until + offset > date * day;
    if (found === undefined && local < until + offset) found = Math.max(here, local - offset) as Instant;
    here = until as Instant;
  }
  return dayExists ? found : undefined;
}

function localTime(zone: string, at: Instant): LocalTime {
  return at + periodAt(zone, at).offset;
}

/** A stretch of time in which a zone keeps one offset from UTC, all in milliseconds, `until` excluded. */
interface Period {
  readonly from: number;
  readonly until: number;
  readonly offset: number;
}

/** What was asked before; asking Temporal takes about a millisecond. A zone is searched linearly, so its list stays short. */
const knownPeriods = new Map<string, readonly Period[]>();
const knownZonesLimit = 1_000;
const knownPeriodsLimit = 64;

function periodAt(zone: string, at: Instant): Period {
  const known = knownPeriods.get(zone) ?? [];
  for (const period of known) if (period.from <= at && at < period.until) return period;
  const zoned = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone);
  const until = zoned.getTimeZoneTransition('next')?.epochMilliseconds ?? Infinity;
  const period: Period = { from: at, until, offset: zoned.offsetNanoseconds / 1e6 };
  if (knownPeriods.size >= knownZonesLimit) knownPeriods.clear();
  // Two periods with the same end are the same one, and the new one starts earlier.
  const others = known.filter((other) => other.until !== until);
  knownPeriods.set(zone, [...others, period].slice(-knownPeriodsLimit));
  return period;
}

function wallTime(text: WallTime): number {
  const minutes = parseWallTime(text);
  if (minutes === undefined) throw new RangeError(`${text} is not a time of day (HH:MM)`);
  return minutes;
}

/** Days since 1970-01-01. */
function parseDate(text: string): number | undefined {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return undefined;
  try {
    return Temporal.Instant.from(`${text}T00:00Z`).epochMilliseconds / day;
  } catch {
    return undefined;
  }
}

/** The remainder that is never negative. */
function modulo(value: number, divisor: number): number {
  return ((value % divisor) + divisor) % divisor;
}

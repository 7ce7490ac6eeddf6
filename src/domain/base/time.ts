/** Milliseconds since 1970-01-01T00:00Z. Passed in by whoever has a clock; the domain has none. */
export type Instant = number & { readonly __instant: true };

/** A length of time in milliseconds, never negative. */
export type Duration = number & { readonly __duration: true };

/** @throws RangeError when `milliseconds` is not a whole number that a date can hold. */
export function instant(milliseconds: number): Instant {
  if (!Number.isInteger(milliseconds) || Math.abs(milliseconds) > 8.64e15)
    throw new RangeError(`${milliseconds} is not a time`);
  return milliseconds as Instant;
}

/** Never later than the last instant there is, however long the length. */
export function plus(at: Instant, length: Duration): Instant {
  return Math.min(at + length, 8.64e15) as Instant;
}

/** From `earlier` to `later`; zero when they are the other way round. */
export function between(earlier: Instant, later: Instant): Duration {
  return Math.max(0, later - earlier) as Duration;
}

/** The earliest of the times given, ignoring absent ones. */
export function earliest(...times: readonly (Instant | undefined)[]): Instant | undefined {
  const present = times.filter((time) => time !== undefined);
  return present.length === 0 ? undefined : (Math.min(...present) as Instant);
}

const units = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;

/** Reads `90s`, `1h30m`, `7d`, `500ms`; units largest first, each at most once. `undefined` when it is not one. */
export function parseDuration(text: string): Duration | undefined {
  const parts = text.match(/^(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?$/);
  if (parts === null || text === '') return undefined;
  const [weeks, days, hours, minutes, seconds, milliseconds] = parts.slice(1).map((part) => Number(part ?? 0)) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const total =
    weeks * units.w + days * units.d + hours * units.h + minutes * units.m + seconds * units.s + milliseconds;
  return total <= 8.64e15 ? (total as Duration) : undefined;
}

/** Text that `parseDuration` reads back to the same length, in the largest units, e.g. `1h30m` for 90 minutes; zero is `0s`. */
export function formatDuration(length: Duration): string {
  let rest: number = length;
  let text = '';
  for (const unit of ['w', 'd', 'h', 'm', 's', 'ms'] as const) {
    const count = Math.floor(rest / units[unit]);
    if (count > 0) text += `${count}${unit}`;
    rest -= count * units[unit];
  }
  return text === '' ? '0s' : text;
}

/** `2026-11-21T02:46Z`: UTC to the minute, for sentences and logs. (Days to civil date: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".) */
export function isoTime(at: Instant): string {
  const minutes = Math.floor(at / 60_000);
  const days = Math.floor(minutes / 1440);
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1;
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  const minuteOfDay = minutes - days * 1440;
  const two = (value: number) => String(value).padStart(2, '0');
  return `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}T${two(Math.floor(minuteOfDay / 60))}:${two(minuteOfDay % 60)}Z`;
}

/** Milliseconds since 1970-01-01T00:00Z. Passed in by whoever has a clock; the domain has none. */
export type Instant = number & { readonly __instant: true };

/** A length of time in milliseconds, never negative. */
export type Duration = number & { readonly __duration: true };

/** @throws RangeError when `milliseconds` is not a whole number that a date can hold. */
export function instant(milliseconds: number): Instant {
  if (!Number.isInteger(milliseconds) || Math.abs(milliseconds) > 8.64e15) throw new RangeError(`${milliseconds} is not a time`);
  return milliseconds as Instant;
}

export function plus(at: Instant, length: Duration): Instant {
  return (at + length) as Instant;
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
    number, number, number, number, number, number,
  ];
  const total =
    weeks * units.w + days * units.d + hours * units.h + minutes * units.m + seconds * units.s + milliseconds;
  return total <= 8.64e15 ? (total as Duration) : undefined;
}

/** The shortest text that `parseDuration` reads back to the same length, e.g. `1h30m`; zero is `0s`. */
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

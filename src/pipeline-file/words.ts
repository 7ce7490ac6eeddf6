/** The small values of a pipeline file: names, paths, lengths of time, sizes, commands. */
import { isIP } from 'node:net';
import { z } from 'zod';
import { isCalendarDate, isZone, parseWallTime, weekdays } from '../domain/base/calendar.ts';
import type { Weekday } from '../domain/base/calendar.ts';
import { parseDuration } from '../domain/base/time.ts';
import type { Duration } from '../domain/base/time.ts';
import { expected, expectedOneOf } from './expected.ts';

/** A mapping with exactly these keys. Its message for unknown keys is the list of known ones, for `issues.ts` to suggest from. */
export function mapping<Shape extends z.core.$ZodShape>(
  what: string,
  shape: Shape,
): z.ZodObject<Shape, z.core.$strict> {
  const { error } = expected(what);
  const known = Object.keys(shape).join(' ');
  return z.strictObject(shape, { error: (issue) => (issue.code === 'unrecognized_keys' ? known : error(issue)) });
}

export function list<Item extends z.ZodType>(item: Item, what: string): z.ZodArray<Item> {
  return z.array(
    item,
    expected(what, { hint: (input) => (typeof input === 'string' ? `write [${input}]` : undefined) }),
  );
}

export function wholeNumber(least: number, most: number): z.ZodInt {
  const complaint = expected(
    most > 1_000_000 ? `a whole number of at least ${least}` : `a whole number from ${least} to ${most}`,
    { hint: unquoted },
  );
  return z.int(complaint).min(least, complaint).max(most, complaint);
}

/** For numbers that were written as text. */
export function unquoted(input: unknown): string | undefined {
  return typeof input === 'string' && /^\d+$/.test(input) ? `write ${Number(input)} without quotes` : undefined;
}

export const yesOrNo = z.boolean(
  expected('true or false', {
    hint: (input) =>
      input === 'yes' || input === 'on' ? 'write true' : input === 'no' || input === 'off' ? 'write false' : undefined,
  }),
);

export function oneOf<const Words extends readonly string[]>(
  words: Words,
): z.ZodEnum<{ [Word in Words[number]]: Word }> {
  return z.enum(words, expectedOneOf(words)) as z.ZodEnum<{ [Word in Words[number]]: Word }>;
}

/** Text that passes a check; the pattern goes into the JSON Schema, the check may ask more. */
function text(what: string, pattern: RegExp, check: (value: string) => boolean = () => true): z.ZodString {
  const complaint = expected(what);
  return z.string(complaint).regex(pattern, complaint).refine(check, complaint);
}

/** Names of projects, environments and verifications: they become parts of paths, branches and URLs. */
export const slug = text(
  'a name of at most 40 lower-case letters, digits and single "-", starting with a letter and not ending in "-"',
  /^[a-z](?:[a-z0-9]|-(?=[a-z0-9])){0,39}$/,
);

const secretWords = {
  confidential: true,
  hint: () => 'write the name of a secret here and keep its value out of the file',
};
const secretComplaint = expected('the name of a secret in capital letters, digits and _, such as API_KEY', secretWords);
export const secretName = z.string(secretComplaint).regex(/^[A-Z][A-Z0-9_]{0,63}$/, secretComplaint);

export const variableName = text(
  'the name of a variable: letters, digits and _, not starting with a digit',
  /^[A-Za-z_][A-Za-z0-9_]{0,127}$/,
);

export const variableValue = z
  .union(
    [z.string().max(32_768), z.number(), z.boolean()],
    expected('text, a number, true or false', {
      hint: (input) => (input === null ? 'write "" for an empty value' : undefined),
    }),
  )
  .transform(String);

export function duration(least: string, most: string): z.ZodPipe<z.ZodString, z.ZodTransform<Duration, string>> {
  const from = parseDuration(least) ?? 0;
  const to = parseDuration(most) ?? Infinity;
  const complaint = expected(`a length of time from ${least} to ${most}, such as 90s, 10m or 1h30m`, {
    hint: (input) => (typeof input === 'number' && input > 0 ? `write ${input}s for seconds` : undefined),
  });
  return z
    .string(complaint)
    .regex(/^(?=\d)(\d+w)?(\d+d)?(\d+h)?(\d+m)?(\d+s)?(\d+ms)?$/, complaint)
    .refine((value) => within(parseDuration(value), from, to), complaint)
    .transform((value) => parseDuration(value) ?? (0 as Duration));
}

function within(length: Duration | undefined, from: number, to: number): boolean {
  return length !== undefined && length >= from && length <= to;
}

const percentComplaint = expected('a share from 0% to 1000%, such as 0.5% or 10%', {
  hint: (input) => (typeof input === 'number' ? `write ${input}%` : undefined),
});
/** A share: `10%` is 0.1. */
export const percentage = z
  .string(percentComplaint)
  .regex(/^\d{1,4}(\.\d{1,3})?%$/, percentComplaint)
  .refine((value) => Number(value.slice(0, -1)) <= 1_000, percentComplaint)
  // Divided last, so that 0.1% is the number nearest to a thousandth.
  .transform((value) => Number(value.slice(0, -1)) / 100);

/** A repository at a forge; groups of GitLab may lie in each other. */
export const repositoryName = text(
  'the name of a repository at the forge, such as shop/web',
  /^[\w.-]+(\/[\w.-]+)+$/,
  (value) => value.length <= 300 && value.split('/').every((part) => part !== '.' && part !== '..'),
);

/** The name of a tool or of evidence, as reports write it. */
export const toolName = text('the name of a tool or of evidence', /^[\w][\w ./@+-]{0,99}$/);

const unitBytes: Readonly<Record<string, number>> = {
  K: 1_024,
  M: 1_048_576,
  G: 1_073_741_824,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  KiB: 1_024,
  MiB: 1_048_576,
  GiB: 1_073_741_824,
};

const sizeComplaint = expected('a size from 1KB to 10GB, such as 20MB', {
  hint: (input) => (typeof input === 'number' ? `write ${input}MB for megabytes` : undefined),
});
export const size = z
  .string(sizeComplaint)
  .regex(/^\d+(KB|MB|GB|KiB|MiB|GiB)$/, sizeComplaint)
  .refine((value) => bytesOf(value) >= 1e3 && bytesOf(value) <= 1e10, sizeComplaint)
  .transform(bytesOf);

const memoryComplaint = expected('an amount of memory from 4M to 16384G, such as 512M', {
  hint: (input) => (typeof input === 'number' ? `write ${input}M for mebibytes` : undefined),
});
/** As container engines and the kernel read it: K, M and G count by 1024. */
export const memorySize = z
  .string(memoryComplaint)
  .regex(/^\d+[KMG]$/, memoryComplaint)
  .refine((value) => bytesOf(value) >= 2 ** 22 && bytesOf(value) <= 2 ** 44, memoryComplaint)
  .transform(bytesOf);

function bytesOf(value: string): number {
  const [, count = '', unit = ''] = /^(\d+)(\w+)$/.exec(value) ?? [];
  return Number(count) * (unitBytes[unit] ?? Number.NaN);
}

/** A line, or several, for `/bin/sh -c`. */
export const command = text('a shell command', /\S/, (value) => value.length <= 10_000);
export const commandOrNothing = z
  .string(expected('a shell command, or "" to only record deployments'))
  .max(10_000, expected('a shell command of at most 10000 characters'));

/** A path that stays inside the directory it is relative to. */
export const insidePath = text(
  'a relative path that stays inside, with / between its parts and without ..',
  /^[^/\\\0\n][^\\\0\n]*$/,
  (value) => value.length <= 1_024 && value.split('/').every((part) => part !== '..') && !/^[A-Za-z]:/.test(value),
);

/** A branch as `git check-ref-format --branch` takes it. */
export const branchName = text('the name of a branch, without refs/heads/', /^[^\s~^:?*[\\\x7f]+$/, isBranch);

export const refGlob = text(
  'a name or a glob of names in which * stands for anything but /, and ** for anything',
  /^[^\s~^:[\\{}!]+$/,
  (value) => value.length <= 255 && isBranch(value.replaceAll(/[*?]+/g, 'x')),
);

function isBranch(value: string): boolean {
  if (value.length > 255 || value === '@' || value.includes('@{') || value.includes('..') || value.startsWith('refs/'))
    return false;
  return (
    !value.startsWith('-') &&
    !value.endsWith('.') &&
    value.split('/').every((part) => part !== '' && !part.startsWith('.') && !part.endsWith('.lock'))
  );
}

export const urlPath = text(
  'a path of the service, such as /healthz',
  /^\/(?!\/)[^\s#\\]*$/,
  (value) => value.length <= 1_024,
);

const urlComplaint = expected(
  'an http or https address without a user name or password, such as https://shop.example.org',
  { confidential: true },
);
export const url = z
  .string(urlComplaint)
  .regex(/^https?:\/\/[^\s/?#@]+([/?][^\s#]*)?$/, urlComplaint)
  .refine((value) => URL.canParse(value), urlComplaint);

/** As a socket listens: an address of this machine, no name that could come to mean another one. */
export const listenHost = text(
  'an IP address such as 0.0.0.0 or ::',
  /^(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-fA-F]*:[0-9a-fA-F:]*)$/,
  (value) => isIP(value) !== 0,
);

export const networkName = text(
  'bridge, host, or the name of a network of the engine',
  /^[A-Za-z0-9][\w.-]{0,127}$/,
  (value) => value !== 'none',
);

export const zone = text(
  'a time zone of the IANA database, such as Europe/Berlin or UTC',
  /^[A-Za-z][\w+/-]*$/,
  isZone,
);
export const wallTime = text(
  'a time from "00:00" to "23:59"',
  /^\d\d:\d\d$/,
  (value) => value !== '24:00' && parseWallTime(value) !== undefined,
);
export const wallTimeOrMidnight = text(
  'a time from "00:00" to "24:00"',
  /^\d\d:\d\d$/,
  (value) => parseWallTime(value) !== undefined,
);
export const calendarDate = text('a date of the calendar, such as 2026-12-24', /^\d{4}-\d\d-\d\d$/, isCalendarDate);

const dayComplaint = expected(`a day (${weekdays.join(', ')}) or days in a row such as mon-fri`);
const day = z
  .string(dayComplaint)
  .regex(new RegExp(`^(${weekdays.join('|')})(-(${weekdays.join('|')}))?$`), dayComplaint);
const daysWords = 'a list of days such as [mon-fri]';
export const days = list(day, daysWords).min(1, expected(daysWords)).transform(daysOf);

/** Days in the order of the week; `fri-mon` runs over the weekend. */
function daysOf(ranges: readonly string[]): readonly Weekday[] {
  const chosen = new Set<Weekday>();
  for (const range of ranges) {
    const [from = 'mon', to = from] = range.split('-') as Weekday[];
    const first = weekdays.indexOf(from);
    const length = (weekdays.indexOf(to) - first + 7) % 7;
    for (let step = 0; step <= length; step++) chosen.add(weekdays[(first + step) % 7] ?? from);
  }
  return weekdays.filter((name) => chosen.has(name));
}

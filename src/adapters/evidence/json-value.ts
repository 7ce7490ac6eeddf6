/** Looks into JSON of which nothing is known. What is not there, or of another kind, is `undefined`. */

/** A property of an object; never one it inherits. */
export function at(value: unknown, ...path: readonly string[]): unknown {
  let here = value;
  for (const key of path) {
    if (typeof here !== 'object' || here === null || Array.isArray(here) || !Object.hasOwn(here, key)) return undefined;
    here = (here as Readonly<Record<string, unknown>>)[key];
  }
  return here;
}

export function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function entriesOf(value: unknown): readonly (readonly [string, unknown])[] {
  return isObject(value) ? Object.entries(value) : [];
}

/** Nothing when it is no list: whoever must tell the two apart asks `isList`. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as readonly unknown[]) : [];
}

export function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

const longest = 300;

/** Text fit for a sentence: one line, without control characters, at most 300 characters; `undefined` when nothing is left. */
export function textOf(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  const cut = value.length > longest * 4 ? value.slice(0, longest * 4) : value;
  const line = cut
    .replaceAll(/[\p{C}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .trim()
    .toWellFormed();
  if (line === '') return undefined;
  return line.length > longest ? `${line.slice(0, longest).toWellFormed()}…` : line;
}

/** A whole number from 0 on. */
export function countOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

/** A number from 0 on; JSON can also write numbers that are infinite once read. */
export function measureOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined;
}

/** How values travel to and from PostgreSQL. */

/** The value as jsonb text. Two things JavaScript strings may hold and PostgreSQL refuses are replaced: NUL and halves of surrogate pairs. */
export function jsonb(value: unknown): string {
  const text = JSON.stringify(value);
  if (isStorableJson(text)) return text;
  return JSON.stringify(value, (_key, part: unknown) => (typeof part === 'string' ? storable(part) : part));
}

/** Errs for text that only looks as if it held one of them. */
export function isStorableJson(text: string): boolean {
  return !/\\u(0000|d[89a-f])/.test(text);
}

export function jsonbOrNull(value: unknown): string | null {
  return value === undefined ? null : jsonb(value);
}

/** Text that PostgreSQL can hold. Output of people's programs ends up in sentences and may contain anything. */
export function storable(text: string): string {
  return text.includes('\0') || !text.isWellFormed() ? text.toWellFormed().replaceAll('\0', '\uFFFD') : text;
}

/** NULL is `undefined` on our side. */
export function present<T>(value: T | null): T | undefined {
  return value ?? undefined;
}

/** `{ [key]: value }`, or nothing for NULL: for properties that are optional rather than `undefined`. */
export function optional<K extends string, V>(key: K, value: V | null): { readonly [P in K]?: V } {
  return value === null ? {} : ({ [key]: value } as { readonly [P in K]: V });
}

/** A number in JSON that somebody else wrote. */
import type { SideReading } from './metric.ts';

/** What the names lead to; digits name places of a list. `undefined` when there is nothing. */
export function valueAt(value: unknown, names: readonly string[]): unknown {
  let found = value;
  for (const name of names) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, name)) return undefined;
    found = (found as Readonly<Record<string, unknown>>)[name];
  }
  return found;
}

/** Nothing is no data; a text is not taken for a number. */
export function numberAt(value: unknown, names: readonly string[]): SideReading {
  const found = valueAt(value, names);
  const field = names.join('.');
  if (found === undefined || found === null) return { says: 'inconclusive', because: `there is no ${field}` };
  if (typeof found === 'number') return { value: found };
  return {
    says: 'error',
    because: `${field} is no number but ${Array.isArray(found) ? 'a list' : `of type ${typeof found}`}`,
  };
}

/** Pages of a list, newest first: a cursor is the number of the last item shown, opaque to callers. */
import { Failure } from '../domain/base/failure.ts';

/** @throws Failure `input/invalid` for a cursor that no page ended with. */
export function placeOf(cursor: string | undefined): { before?: number } {
  if (cursor === undefined) return {};
  if (!/^\d{1,15}$/.test(cursor))
    throw new Failure('input/invalid', `${JSON.stringify(cursor)} is not a cursor of this list`, {
      hint: 'Start without one.',
    });
  return { before: Number(cursor) };
}

/** Give one item more than is wanted: its presence says that there is a next page. */
export function firstOf<Item>(
  found: readonly Item[],
  limit: number,
  numberOf: (item: Item) => number,
): { items: readonly Item[]; cursor: string | null } {
  const items = found.slice(0, limit);
  const last = items.at(-1);
  return { items, cursor: found.length > limit && last !== undefined ? String(numberOf(last)) : null };
}

/** Times as people write them. */
import { Failure } from '../../domain/base/failure.ts';
import { parseDuration } from '../../domain/base/time.ts';

/** `2026-12-24T08:00Z`, or a length back from now such as `2h`. @throws Failure `input/invalid`. */
export function momentOf(text: string): number {
  return timeOf(text, { from: Date.now(), direction: -1 });
}

/** `2026-12-24T08:00Z`, or a length such as `2h` that begins now or at `from`. @throws Failure `input/invalid`, also for what is over. */
export function endOf(text: string, from = Date.now()): number {
  const at = timeOf(text, { from, direction: 1 });
  if (at <= Date.now())
    throw new Failure('input/invalid', `${text} is over already`, { hint: 'a time to come, or a length such as 2h' });
  return at;
}

function timeOf(text: string, { from, direction }: { from: number; direction: 1 | -1 }): number {
  const length = parseDuration(text);
  const at = length === undefined ? Date.parse(text) : from + direction * length;
  if (!Number.isNaN(at)) return at;
  throw new Failure('input/invalid', `${text} is neither a time nor a length of time`, {
    hint: 'for example 2026-12-24T08:00Z or 2h',
  });
}

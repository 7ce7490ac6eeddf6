import type { Line } from '../program/log-reading.ts';

/**
 * One word each: the side, the status, the seconds it took (to a thousandth), whether the answer was whole, and whether a release was asked.
 * Sides are letters, digits, `_`, `.` and `-`.
 */
export const lineFormat = '$liftlock_side $status $request_time $liftlock_whole $liftlock_asked';

const switched = 101;
/** The client left before the answer: no failure, but a time that it waited. */
const clientLeft = 499;

export function parseLine(text: string): Line | undefined {
  const [side, statusText, seconds, whole, asked, ...more] = text.split(' ');
  const status = Number(statusText);
  const milliseconds = Number(seconds) * 1_000;
  if (side === undefined || side === '-' || asked !== '+' || more.length > 0) return undefined;
  if (!Number.isInteger(status) || !Number.isFinite(milliseconds)) return undefined;
  if (status === switched) return { side, status, milliseconds: undefined };
  return { side, status: whole === '+' || status === clientLeft ? status : undefined, milliseconds };
}

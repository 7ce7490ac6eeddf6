import type { Line } from '../program/log-reading.ts';

/**
 * One word each: the side, the status, the seconds it took (to a thousandth), whether nginx came to its end, and whether a release was
 * asked. Sides are letters, digits, `_`, `.` and `-`. The fourth is for readers of an older version, which took it for an answer that was
 * whole; but nginx also comes to its end when a release breaks off, and does not when a client leaves.
 */
export const lineFormat = '$liftlock_side $status $request_time $liftlock_whole $liftlock_asked';

const switched = 101;

export function parseLine(text: string): Line | undefined {
  const [side, statusText, seconds, , asked, ...more] = text.split(' ');
  const status = Number(statusText);
  const milliseconds = Number(seconds) * 1_000;
  if (side === undefined || side === '-' || asked !== '+' || more.length > 0) return undefined;
  if (!Number.isInteger(status) || !Number.isFinite(milliseconds)) return undefined;
  // 499: the client left before the answer, which is no failure, but a time that it waited.
  return { side, status, milliseconds: status === switched ? undefined : milliseconds };
}

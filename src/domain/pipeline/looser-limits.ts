/** What an environment lets through that it did not before (R19). */
import { usualTimes, type TrafficLimits } from './traffic-limits.ts';

/** A time that is over is a failed request, which a release is judged by: a longer one blames it later. */
const times = [
  ['connectMs', 'an instance may take longer to be reached'],
  ['answerMs', 'an instance may take longer to begin its answer'],
  ['idleMs', 'an answer may pause for longer'],
] as const;

export function looserLimits(before: TrafficLimits = {}, after: TrafficLimits = {}): readonly string[] {
  const larger = (after.bodyBytes ?? Infinity) > (before.bodyBytes ?? Infinity);
  return [
    ...(larger ? ['bodies of requests may be larger, or of any size'] : []),
    ...times
      .filter(([name]) => (after[name] ?? usualTimes[name]) > (before[name] ?? usualTimes[name]))
      .map(([, sentence]) => sentence),
  ];
}

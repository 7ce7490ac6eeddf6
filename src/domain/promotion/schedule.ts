/** Which times of a schedule still count, and which were missed for good (R39, R41). */
import { previousTime } from '../base/calendar.ts';
import { instant, type Duration, type Instant } from '../base/time.ts';
import type { TriggerSpec } from '../pipeline/environment.ts';
import type { EnvironmentFacts } from './facts.ts';

type ScheduleTrigger = TriggerSpec & { readonly on: 'schedule' };

/** How late a time of a schedule is made up for when the pipeline does not say. */
const usualGrace = 3_600_000 as Duration;

/** Missed times that are named one by one; more are only the oldest of these and longer ago. */
const mostTimes = 50;

/**
 * The last time of the schedule, when it counts: after the schedule was put in force, and not longer ago than its grace.
 * A night in which nobody looked does not deploy at noon.
 */
export function timeThatCounts(trigger: ScheduleTrigger, facts: Pick<EnvironmentFacts, 'now' | 'schedule'>) {
  const last = previousTime(trigger.schedule, facts.now);
  const late = facts.now - last > (trigger.grace ?? usualGrace);
  return last <= facts.schedule.since || late ? undefined : last;
}

export interface ScheduleNews {
  /** Times at which nobody looked until it was too late, oldest first. */
  readonly skipped: readonly Instant[];
  /** The last time of any schedule here: whatever came before it was looked at, or is in `skipped`. */
  readonly seen: Instant;
}

/** What this look at the environment finds out about its schedules; `undefined` when no time came since the last look. */
export function scheduleNews(facts: EnvironmentFacts): ScheduleNews | undefined {
  const triggers = facts.spec.triggers.filter((trigger) => trigger.on === 'schedule');
  const from = Math.max(facts.schedule.since, facts.schedule.seen);
  const times = triggers.flatMap((trigger) =>
    timesBetween(trigger, from, facts.now).map((time) => ({ time, counts: timeThatCounts(trigger, facts) === time })),
  );
  if (times.length === 0) return undefined;
  const missed = times.filter(({ counts }) => !counts).map(({ time }) => time);
  return {
    skipped: [...new Set(missed)].sort((left, right) => left - right),
    seen: instant(Math.max(...times.map(({ time }) => time))),
  };
}

function timesBetween({ schedule }: ScheduleTrigger, from: number, now: Instant): readonly Instant[] {
  const times: Instant[] = [];
  for (let time = previousTime(schedule, now); time > from && times.length < mostTimes;) {
    times.push(time);
    time = previousTime(schedule, instant(time - 1));
  }
  return times;
}

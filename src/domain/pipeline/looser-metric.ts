/** What a metric of a rollout asks less of than the one of the same name before it (R19). */
import { isAtLeastAsStrict, type Condition } from './condition.ts';
import type { MetricLimits, MetricSource, MetricSpec } from './metric-spec.ts';

export function looserMetric(before: MetricSpec, now: readonly MetricSpec[]): readonly string[] {
  // What never decided may go.
  if (before.dryRun) return [];
  const after = now.find(({ name }) => name === before.name);
  const told = `the metric ${before.name}`;
  if (after === undefined) return [`${told} is gone`];
  if (after.dryRun) return [`${told} no longer decides`];
  return [
    ...(isSameSource(before.source, after.source) ? [] : [`${told} asks something else`]),
    ...(isStill(before.success, after.success) ? [] : [`${told} lets more numbers pass`]),
    ...(isNoLooser(before.inconclusive, after.inconclusive) ? [] : [`${told} has more numbers that tell nothing`]),
    ...(isMoreTolerant(before.limits, after.limits) ? [`${told} tolerates more`] : []),
    ...(after.limits.successes < before.limits.successes ? [`${told} needs fewer successes`] : []),
    ...(after.every > before.every || after.delay > before.delay ? [`${told} is measured later or less often`] : []),
  ];
}

function isStill(before: Condition | undefined, after: Condition | undefined): boolean {
  if (before === undefined || after === undefined) return before === after;
  return isAtLeastAsStrict(after, before);
}

/** Of what excuses a number: none is the strictest. */
function isNoLooser(before: Condition | undefined, after: Condition | undefined): boolean {
  if (after === undefined) return true;
  return before !== undefined && isAtLeastAsStrict(after, before);
}

function isMoreTolerant(before: MetricLimits, after: MetricLimits): boolean {
  return (['failures', 'inconclusives', 'consecutiveErrors'] as const).some((name) => after[name] > before[name]);
}

/** What a secret is called is not what is asked. */
function isSameSource(before: MetricSource, after: MetricSource): boolean {
  switch (before.from) {
    case 'prometheus':
      return after.from === 'prometheus' && after.url === before.url && after.query === before.query;
    case 'http':
      return after.from === 'http' && placeOf(after) === placeOf(before);
    case 'command':
      return (
        after.from === 'command' &&
        after.run === before.run &&
        JSON.stringify(after.read) === JSON.stringify(before.read)
      );
  }
}

function placeOf({ at, field }: Extract<MetricSource, { from: 'http' }>): string {
  return `${'path' in at ? at.path : at.url} ${field.join('.')}`;
}

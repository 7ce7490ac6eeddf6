/** The metrics of a rollout as text: the number against its limit, when it was measured, and when it is again. */
import type { RolloutView } from '../../api/contract/rollouts.ts';
import { span } from './format.ts';
import type { Style } from '../output.ts';

type Metric = RolloutView['metrics'][number];

export function metricLines({ metrics, at }: RolloutView, style: Style): readonly string[] {
  return metrics.map((metric) => {
    const { name, dryRun } = metric;
    return `${sign(metric, style)} ${name}${dryRun ? ' (dry run)' : ''}: ${[...said(metric, at), ...tolerated(metric)].join(', ')}`;
  });
}

/** What is not as it should be, in a few words for a single line. */
export function metricTroubles({ metrics }: RolloutView): readonly string[] {
  return metrics.flatMap(({ name, last, dryRun }) =>
    last === null || last.says === 'success' || dryRun ? [] : [`${name}: ${words[last.says]}`],
  );
}

const words = {
  success: 'as it should be',
  failure: 'not as it should be',
  inconclusive: 'tells nothing',
  error: 'could not be measured',
} as const;

function sign({ says, last }: Metric, style: Style): string {
  if (says === 'failure' || last?.says === 'failure') return style.bad('✗');
  if (says === 'inconclusive' || (last !== null && last.says !== 'success')) return style.warn('?');
  return last === null ? style.dim('·') : style.good('✓');
}

function said({ last, measuring, nextAt, success }: Metric, now: number): readonly string[] {
  const limit = success === null || last?.value === null || last?.says !== 'success' ? '' : ` (${success})`;
  const latest =
    last === null
      ? ['not measured yet']
      : [
          `${last.says === 'inconclusive' || last.says === 'error' ? `${words[last.says]}: ` : ''}${last.because}${limit}`,
          ago(now - last.at),
        ];
  if (measuring !== null) return [...latest, 'being measured'];
  return nextAt === null ? latest : [...latest, nextAt > now ? `again in ${span(nextAt - now)}` : 'due'];
}

function ago(milliseconds: number): string {
  return milliseconds < 1_000 ? 'just now' : `${span(milliseconds)} ago`;
}

function tolerated({ counts, limits, says }: Metric): readonly string[] {
  const failures = counts.failure === 0 ? [] : [`${counts.failure} failed of ${limits.failures} tolerated`];
  const unknown = counts.inconclusive === 0 ? [] : [`${counts.inconclusive} told nothing of ${limits.inconclusives}`];
  const successes =
    says === 'success' || limits.successes === 1 ? [] : [`${counts.success} of ${limits.successes} successes`];
  return [...failures, ...unknown, ...successes];
}

/** What came of computing the verdicts of a rollout again, as text. */
import type { RecomputedView } from '../../api/contract/rollouts.ts';
import { clockTime } from './format.ts';
import type { Style } from '../output.ts';

const missing = {
  gone: 'what was counted was removed: it is kept for 90 days after a rollout has ended',
  incomplete: 'an older version of Liftlock counted this and kept too little to compute it again',
  complete: undefined,
} as const;

export function renderRecomputed(view: RecomputedView, style: Style): string {
  const { environment, promotion, verdicts, counts, metrics, wrong, inputs } = view;
  const lines = [`${style.bold(environment)}  ${promotion}`];
  const gone = missing[inputs];
  if (gone !== undefined) return [...lines, `  ${style.warn('?')} ${gone}`].join('\n');
  for (const { at, step, what, decided, recorded, computed, equal } of verdicts) {
    const place = `${clockTime(at)}  step ${step}${what === null ? '' : ` (${what})`}, ${decided}`;
    lines.push(`  ${mark(equal, style)} ${place}: ${recorded ?? 'nothing to judge'}`);
    if (!equal) lines.push(`      computed again: ${computed ?? 'nothing to judge'}`);
  }
  for (const { metric, turn, recorded, computed } of wrong)
    lines.push(
      `  ${mark(false, style)} ${metric}, measurement ${turn + 1}: ${recorded.says}: ${recorded.because}`,
      `      computed again: ${computed.says}: ${computed.because}`,
    );
  lines.push(`  ${mark(counts.equal, style)} counted: ${countsText(counts.recorded)}`);
  if (!counts.equal) lines.push(`      computed again: ${countsText(counts.computed)}`);
  for (const { name, recorded, computed, equal } of metrics) {
    lines.push(`  ${mark(equal, style)} ${name}: ${wordsText(recorded)}`);
    if (!equal) lines.push(`      computed again: ${wordsText(computed)}`);
  }
  lines.push(
    '',
    view.equal
      ? style.good('Everything that is recorded follows from what was counted and measured.')
      : style.bad('What is recorded does not follow from what was counted and measured.'),
  );
  return lines.join('\n');
}

function mark(equal: boolean, style: Style): string {
  return equal ? style.good('✓') : style.bad('✗');
}

function countsText({ ofNew, ofStable }: RecomputedView['counts']['recorded']): string {
  return `${ofNew.requests} requests of the new release (${badOf(ofNew)}), ${ofStable.requests} of the stable one (${badOf(ofStable)})`;
}

function badOf({ failures, clientErrors }: RecomputedView['counts']['recorded']['ofNew']): string {
  return clientErrors === null ? `${failures} failed` : `${failures} failed, ${clientErrors} answered with 4xx`;
}

function wordsText({ success, failure, inconclusive, error }: RecomputedView['metrics'][number]['recorded']): string {
  return `${success} successes, ${failure} failures, ${inconclusive} inconclusive, ${error} errors`;
}

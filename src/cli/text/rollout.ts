/** A rollout as text: where it is, what it waits for, and the new release against the old one. */
import type { RolloutView } from '../../api/contract/rollouts.ts';
import { span, table } from './format.ts';
import { metricLines, metricTroubles } from './metric.ts';
import type { Style } from '../output.ts';

/** A dozen lines or so, for a terminal. */
export function render(view: RolloutView, style: Style): string {
  const { environment, strategy, release, stable } = view;
  const over = stable === null ? '' : ` over #${stable.number}`;
  return [
    `${style.bold(environment)}  ${strategy} of #${release.number}${over}  ${stateText(view, style)}`,
    `  ${bar(view.percent)} ${view.percent} %${also(view)}`,
    '',
    ...stepLines(view, style),
    '',
    ...indented(comparisonTable(view)),
    ...judgementLines(view, style),
    ...waitingLine(view),
  ].join('\n');
}

/** One line for one state; the same line for the same state, so that a change can be seen. */
export function line(view: RolloutView): string {
  const { environment, state, percent, what, waiting, because, outcome } = view;
  const parts = [
    `${environment}: #${view.release.number} ${percent} %`,
    outcome ?? state,
    ...(view.running && what !== null ? [`step ${view.step} of ${view.of}: ${what}`] : []),
    ...(because === null ? [] : [because]),
    ...(view.running ? metricTroubles(view) : []),
    ...(waiting === null || waiting.because === what || waiting.because === because ? [] : [waiting.because]),
  ];
  return parts.join(', ');
}

function stateText({ state, outcome, running }: RolloutView, style: Style): string {
  if (!running) return outcome === 'succeeded' ? style.good('● succeeded') : style.bad(`✗ ${outcome ?? state}`);
  const words = {
    going: style.warn('▶ going'),
    paused: style.warn('‖ paused'),
    finished: style.good('▲ all requests'),
    returned: style.bad('◀ returned'),
  };
  return words[state];
}

const barWidth = 20;

function bar(percent: number): string {
  const filled = Math.round((percent / 100) * barWidth);
  return '█'.repeat(filled) + '░'.repeat(barWidth - filled);
}

function also({ groups, shadow }: RolloutView): string {
  return [...groups, ...(shadow ? ['copies of requests'] : [])].map((one) => `, ${one}`).join('');
}

/** Why it stopped stands under the step where it did. */
function stepLines(view: RolloutView, style: Style): readonly string[] {
  const left = view.state === 'paused' || view.state === 'returned';
  return view.steps.flatMap(({ what, state, lastsMs }, index) => {
    const here = index + 1 === view.step && (state === 'current' || left);
    const mark = state === 'done' ? style.good('✓') : here ? markHere(view, style) : style.dim('·');
    const time = state === 'current' && view.state === 'going' ? countdown(view, lastsMs) : '';
    const told = here && left && view.because !== null ? [`      ${style.bad(view.because)}`] : [];
    const isLast = view.state === 'finished' && view.steps.length === index + 1;
    const measured = here || isLast ? metricLines(view, style).map((one) => `      ${one}`) : [];
    return [`  ${mark} ${what}${time}`, ...told, ...measured];
  });
}

/** What waits for a person has not failed. */
function markHere({ state, running }: RolloutView, style: Style): string {
  if (state === 'paused' && running) return style.warn('‖');
  return state === 'paused' || state === 'returned' ? style.bad('✗') : style.warn('▶');
}

function countdown({ stepSince, at }: RolloutView, lastsMs: number | null): string {
  if (stepSince === null || lastsMs === null) return '';
  const left = stepSince + lastsMs - at;
  return left > 0 ? `, ${span(left)} left` : ', over';
}

const kinds = [
  ['unanswered', '  no answer'],
  ['brokenOff', '  broken off'],
] as const;

/** What kind of failures there were, where there were any. */
function kindRow(name: string, ofNew: number | null, ofStable: number | null): readonly (readonly string[])[] {
  const said = (count: number | null) => `${count ?? '–'}`;
  return (ofNew ?? 0) + (ofStable ?? 0) === 0 ? [] : [[name, said(ofNew), said(ofStable), '']];
}

function comparisonTable({ ofNew, ofStable, limits }: RolloutView): string {
  const share = (value: number | null) => (value === null ? '–' : `${Math.round(value * 10_000) / 100} %`);
  const time = (value: number | null) => (value === null ? '–' : span(value));
  return table([
    ['', 'new', 'stable', 'limit'],
    [
      'requests',
      `${ofNew.requests}`,
      `${ofStable.requests}`,
      limits.minRequests === null ? '' : `≥ ${limits.minRequests}`,
    ],
    [
      'failed',
      share(ofNew.errorRate),
      share(ofStable.errorRate),
      limits.errorRate === null ? '' : `≤ ${share(limits.errorRate)}`,
    ],
    ...kinds.flatMap(([kind, name]) => kindRow(name, ofNew[kind], ofStable[kind])),
    [
      'client errors',
      share(ofNew.clientErrorRate),
      share(ofStable.clientErrorRate),
      limits.clientErrorRate === null ? '' : `≤ ${share(limits.clientErrorRate)}`,
    ],
    ['p50', time(ofNew.p50Ms), time(ofStable.p50Ms), ''],
    ['p95', time(ofNew.p95Ms), time(ofStable.p95Ms), limits.p95Ms === null ? '' : `≤ ${span(limits.p95Ms)}`],
    ['p99', time(ofNew.p99Ms), time(ofStable.p99Ms), limits.p99Ms === null ? '' : `≤ ${span(limits.p99Ms)}`],
  ]);
}

function judgementLines({ judgement }: RolloutView, style: Style): readonly string[] {
  if (judgement === null) return ['', '  not judged (analysis: none)'];
  const word = { worse: style.bad('✗ worse'), fine: style.good('✓ not worse'), 'no-data': style.warn('? no data') };
  const evidence = judgement.evidence.map(({ metric, is, limit }) => `${metric} ${short(is)} of ${short(limit)}`);
  return [
    '',
    `  ${word[judgement.says]}${judgement.because === '' ? '' : `: ${judgement.because}`}`,
    ...judgement.ignored.map((one) => `  dry run: ${one}`),
    `  evidence against it: ${evidence.join(', ')}`,
  ];
}

function short(value: number): string {
  if (value >= 1_000_000) return 'over a million';
  return `${value >= 100 ? Math.round(value) : Math.round(value * 10) / 10}`;
}

function waitingLine({ waiting, at }: RolloutView): readonly string[] {
  if (waiting === null) return [];
  const until = waiting.until === null ? '' : `, ${span(Math.max(0, waiting.until - at))} at most`;
  const whom = { time: 'time', data: 'requests', person: 'a person' }[waiting.for];
  return [`  waits for ${whom}: ${waiting.because} (for ${span(at - waiting.since)}${until})`];
}

function indented(text: string): readonly string[] {
  return text.split('\n').map((one) => `  ${one}`);
}

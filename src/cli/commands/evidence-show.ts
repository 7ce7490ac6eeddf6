import type { DetailsView, EvidenceDetailView } from '../../api/contract/evidence.ts';
import { connect } from '../client.ts';
import { ago, table } from '../text/format.ts';
import type { Act } from '../invocation.ts';
import type { Style } from '../output.ts';
import { projectPath } from '../project.ts';

export const act: Act = async (invocation) => {
  const { options, output } = invocation;
  const client = await connect(invocation);
  const path = `${await projectPath(invocation, client)}/evidence/${encodeURIComponent(invocation.arguments[0]!)}`;
  const part = options['envelope'] === true ? 'envelope' : options['raw'] === true ? 'content' : undefined;
  if (part !== undefined) {
    process.stdout.write(await client.fetch(`${path}/content`, { part }));
    return 0;
  }
  const view = await client.get<EvidenceDetailView>(path);
  output.answer(view, () => render(view, output.style));
  return 0;
};

function render(view: EvidenceDetailView, style: Style): string {
  const now = Date.now();
  const { signature } = view;
  const proof =
    signature === null
      ? 'nobody has signed it'
      : `${signature.valid ? style.good('valid') : style.bad('not valid')}: ${signature.sentence}`;
  return [
    style.bold(`${view.verdict} ${view.kind} ${view.name}`),
    `  ${view.summary}`,
    '',
    `  about      release #${view.release.number} of ${view.project}, ${view.environment ?? 'anywhere'}`,
    `  artifact   ${view.artifact}`,
    ...(view.gitCommit === null ? [] : [`  commit     ${view.gitCommit}`]),
    `  standing   ${view.standing} by ${view.by}, ${ago(view.at, now)}`,
    `  signature  ${proof}`,
    ...(view.expiresAt === null ? [] : [`  counts     until ${new Date(view.expiresAt).toISOString()}`]),
    ...(view.content === null ? [] : [`  content    ${view.content} (${view.format})`]),
    ...(view.details === null ? [] : ['', detailsOf(view.details)]),
  ].join('\n');
}

function detailsOf(details: DetailsView): string {
  switch (details.of) {
    case 'tests':
      return [
        ...details.failed.map((name) => `  failed  ${name}`),
        ...details.flaky.map((name) => `  flaky   ${name}`),
      ].join('\n');
    case 'findings':
      return findingsOf(details);
    case 'load':
      return loadOf(details);
    case 'components':
      return `  ${details.components} components`;
    case 'exit':
      return `  exit code ${details.code ?? 'unknown: it did not end by itself'}`;
  }
}

function findingsOf({ findings, complete }: DetailsView & { of: 'findings' }): string {
  const rows = findings.map(({ severity, id, where, title, suppressed }) => [
    `  ${severity}`,
    id,
    where ?? '',
    suppressed === null ? title : `suppressed: ${suppressed.because}`,
  ]);
  return complete ? table(rows) : `${table(rows)}\n  … and more, see --raw`;
}

function loadOf({ metrics, thresholds }: DetailsView & { of: 'load' }): string {
  const time = (value: number | null) => (value === null ? 'not measured' : `${value} ms`);
  return table([
    ['  requests', `${metrics.requests}`],
    ['  errors', `${(metrics.errorRate * 100).toFixed(2)} %`],
    ['  p50', time(metrics.p50)],
    ['  p95', time(metrics.p95)],
    ['  p99', time(metrics.p99)],
    ...thresholds.map(({ name, ok }) => [`  ${ok ? 'held' : 'crossed'}`, name]),
  ]);
}

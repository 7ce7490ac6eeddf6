import type { ReleaseDetailView } from '../../api/contract/releases.ts';
import { connect } from '../client.ts';
import { ago, table } from '../text/format.ts';
import type { Style } from '../output.ts';
import type { Act } from '../invocation.ts';
import { projectPath } from '../project.ts';

export const act: Act = async (invocation) => {
  const [release] = invocation.arguments;
  const client = await connect(invocation);
  const view = await client.get<ReleaseDetailView>(
    `${await projectPath(invocation, client)}/releases/${encodeURIComponent(release!)}`,
  );
  invocation.output.answer(view, () => render(view, invocation.output.style));
  return 0;
};

function render({ release, journey, evidence, migrations }: ReleaseDetailView, style: Style): string {
  const now = Date.now();
  const lines = [
    style.bold(`#${release.number} ${release.title}`),
    `  release   ${release.id}`,
    `  commit    ${release.commit} by ${release.author}`,
    `  artifact  ${release.artifact} (${release.artifactBytes} bytes)`,
    `  seen at   ${release.refs.join(' ') || 'no branch or tag'}`,
    `  built     ${ago(release.createdAt, now)}`,
  ];
  if (migrations.length > 0) lines.push(`  migrations ${migrations.join(' ')}`);
  const stations = journey.map((station) => {
    const [last] = station.promotions;
    const how =
      last === undefined
        ? 'never asked for'
        : last.state === 'ended'
          ? `${last.outcome}${last.reason === null ? '' : `: ${last.reason.split('\n')[0]}`}`
          : last.state;
    return [`  ${station.running ? '●' : '○'}`, station.environment, station.verdict ?? '', how];
  });
  lines.push('', table(stations));
  if (evidence.length > 0)
    lines.push(
      '',
      'evidence',
      table(
        evidence.map((piece) => [
          `  ${piece.verdict}`,
          piece.environment ?? '',
          piece.name,
          piece.summary.split('\n')[0] ?? '',
        ]),
      ),
    );
  return lines.join('\n');
}

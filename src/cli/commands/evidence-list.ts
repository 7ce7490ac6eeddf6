import type { EvidenceListView } from '../../api/contract/evidence.ts';
import { connect } from '../client.ts';
import { ago, table } from '../text/format.ts';
import type { Act } from '../invocation.ts';
import { projectPath } from '../project.ts';

export const act: Act = async (invocation) => {
  const { output } = invocation;
  const client = await connect(invocation);
  const release = encodeURIComponent(invocation.arguments[0]!);
  const view = await client.get<EvidenceListView>(
    `${await projectPath(invocation, client)}/releases/${release}/evidence`,
  );
  output.answer(view, () => render(view));
  return 0;
};

function render({ evidence }: EvidenceListView): string {
  if (evidence.length === 0) return 'there is no evidence about this release';
  const now = Date.now();
  return table(
    evidence.map((piece) => [
      piece.counts ? '●' : '○',
      piece.verdict,
      piece.kind,
      piece.name,
      piece.environment ?? 'anywhere',
      piece.standing,
      ago(piece.at, now),
      piece.id,
      piece.summary.split('\n')[0] ?? '',
    ]),
  );
}

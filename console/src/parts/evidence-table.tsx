import type { ReactNode } from 'react';
import { Link } from 'wouter';
import type { VerdictWord } from '../../../src/domain/release/evidence.ts';
import { called } from './called.ts';
import { Table } from './table.tsx';
import { Verdict } from './verdict.tsx';

/** What every list of evidence tells of a piece; the rest is for its `last` column. */
interface Piece {
  readonly id: string;
  readonly name: string;
  readonly kind: string;
  readonly verdict: VerdictWord;
  readonly summary: string;
  readonly environment?: string | null | undefined;
  readonly by: string;
  readonly standing: string;
}

export function EvidenceTable<P extends Piece>({
  project,
  evidence,
  last,
}: {
  readonly project: string;
  readonly evidence: readonly P[];
  readonly last: { readonly column: string; readonly of: (piece: P) => ReactNode };
}) {
  return (
    <Table label="Evidence" columns={['What', 'Verdict', 'Says', 'Where', 'Who', last.column]}>
      {evidence.map((piece) => (
        <tr key={piece.id}>
          <th scope="row">
            <Link href={`/p/${encodeURIComponent(project)}/evidence/${piece.id}`}>{piece.name}</Link>
            {piece.kind === piece.name ? null : <span className="quiet small"> {piece.kind}</span>}
          </th>
          <td>
            <Verdict verdict={piece.verdict} />
          </td>
          <td>{piece.summary}</td>
          <td>{piece.environment ?? 'anywhere'}</td>
          <td>
            {called(piece.by)} <span className="quiet small">{piece.standing}</span>
          </td>
          <td>{last.of(piece)}</td>
        </tr>
      ))}
    </Table>
  );
}

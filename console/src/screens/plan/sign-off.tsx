import { Link } from 'wouter';
import { useEvidenceList } from '../../api/papers.ts';
import { useRelease } from '../../api/queries.ts';
import { Act } from '../../parts/act.tsx';
import { Ago } from '../../parts/ago.tsx';
import { Shown } from '../../parts/shown.tsx';
import { State } from '../../parts/state.tsx';
import { Table } from '../../parts/table.tsx';
import { Verdict } from '../../parts/verdict.tsx';
import { addEvidence, signOff } from './paper-actions.ts';

/** What was found out about the release, on which whoever signs off relies, and who has signed off. */
export function SignOff({ project, release }: { readonly project: string; readonly release: number }) {
  const evidence = useEvidenceList(project, String(release));
  const detail = useRelease(project, String(release));
  const places = (detail.data?.journey ?? [])
    .filter(({ running, promotions }) => running || promotions.some(({ startedAt }) => startedAt !== null))
    .map(({ environment }) => environment);
  return (
    <section className="sheet stack" aria-labelledby="sign-off">
      <h2 id="sign-off">Sign-off by QA</h2>
      <Shown query={evidence} what="the evidence">
        {(data) =>
          data.evidence.length === 0 ? (
            <p className="quiet">Nothing was found out about it yet. Verification adds evidence, and so do reports.</p>
          ) : (
            <Table label="Evidence" columns={['What', 'Verdict', 'Says', 'Where', 'Who', 'Counts']}>
              {data.evidence.map((piece) => (
                <tr key={piece.id}>
                  <th scope="row">
                    <Link href={`/p/${encodeURIComponent(project)}/evidence/${piece.id}`}>{piece.name}</Link>{' '}
                    <span className="quiet small">{piece.kind}</span>
                  </th>
                  <td>
                    <Verdict verdict={piece.verdict} />
                  </td>
                  <td>{piece.summary}</td>
                  <td>{piece.environment ?? 'anywhere'}</td>
                  <td>
                    {piece.by}, <Ago at={piece.at} />
                  </td>
                  <td>{piece.counts ? <State tone="good" word="counts" /> : <State tone="idle" word="no longer" />}</td>
                </tr>
              ))}
            </Table>
          )
        }
      </Shown>
      <div className="row">
        {places.length === 0 ? (
          <p className="quiet">It can be signed off once it has run in an environment where it can be tried.</p>
        ) : (
          <Act action={signOff(project, release, places)} />
        )}
        <Act action={addEvidence(project, release)} />
      </div>
    </section>
  );
}

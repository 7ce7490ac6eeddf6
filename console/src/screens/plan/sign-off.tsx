import { useEvidenceList } from '../../api/papers.ts';
import { useRelease } from '../../api/queries.ts';
import { Act } from '../../parts/act.tsx';
import { Ago } from '../../parts/ago.tsx';
import { EvidenceTable } from '../../parts/evidence-table.tsx';
import { Shown } from '../../parts/shown.tsx';
import { State } from '../../parts/state.tsx';
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
            <EvidenceTable
              project={project}
              evidence={data.evidence}
              last={{
                column: 'Counts',
                of: ({ counts, at }) => (
                  <>
                    {counts ? <State tone="good" word="counts" /> : <State tone="idle" word="no longer" />}{' '}
                    <span className="quiet small">
                      <Ago at={at} />
                    </span>
                  </>
                ),
              }}
            />
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

import type { ReviewableView } from '../../../../src/api/contract/reviews.ts';
import { useReviewable } from '../../api/papers.ts';
import type { Pair } from '../../api/queries.ts';
import { Act } from '../../parts/act.tsx';
import { Ago } from '../../parts/ago.tsx';
import { Command } from '../../parts/command.tsx';
import { Shown } from '../../parts/shown.tsx';
import { State } from '../../parts/state.tsx';
import { Table } from '../../parts/table.tsx';
import { review } from './paper-actions.ts';

/** Every commit that would be new, and what was said of it. */
export function Review({ project, pair }: { readonly project: string; readonly pair: Pair }) {
  const reviewable = useReviewable(project, pair);
  return (
    <section className="sheet stack" aria-labelledby="review">
      <h2 id="review">Code review</h2>
      <Shown query={reviewable} what="the commits to review">
        {(data) =>
          data.commits.length === 0 ? (
            <p className="quiet">No commit of it is new here: there is nothing to review.</p>
          ) : (
            <>
              <Commits data={data} />
              <div className="row">
                <Act action={review(project, data, true)} />
                <Act action={review(project, data, false)} />
                <Command text={`liftlock review ${data.release.number} --environment ${data.environment}`} />
              </div>
            </>
          )
        }
      </Shown>
    </section>
  );
}

function Commits({ data }: { readonly data: ReviewableView }) {
  return (
    <Table label="Commits to review" columns={['Commit', 'What it does', 'Who made it', 'What was said']}>
      {data.commits.map((commit) => (
        <tr key={commit.id}>
          <th scope="row">
            <code>{commit.id.slice(0, 10)}</code>
          </th>
          <td>
            {commit.subject}
            {commit.merge ? <span className="quiet small"> merge</span> : null}
          </td>
          <td>{commit.authors.join(', ')}</td>
          <td>
            {commit.reviews.length === 0 ? (
              <State tone="wait" word="nobody yet" />
            ) : (
              <ul className="stack tight">
                {commit.reviews.map(({ by, decision, reason, at }) => (
                  <li key={`${by} ${at}`}>
                    <State
                      tone={decision === 'approve' ? 'good' : 'bad'}
                      word={decision === 'approve' ? 'approved' : 'wants changes'}
                    />{' '}
                    {by}: {reason}{' '}
                    <span className="quiet small">
                      (<Ago at={at} />)
                    </span>
                  </li>
                ))}
              </ul>
            )}
          </td>
        </tr>
      ))}
    </Table>
  );
}

import { useSuppressions } from '../../api/papers.ts';
import { Act } from '../../parts/act.tsx';
import { Ago } from '../../parts/ago.tsx';
import { Command } from '../../parts/command.tsx';
import { Shown } from '../../parts/shown.tsx';
import { State } from '../../parts/state.tsx';
import { Table } from '../../parts/table.tsx';
import { addEvidence, liftSuppression, suppress } from './paper-actions.ts';

/** Findings that somebody answers for, and until when. */
export function Security({ project, release }: { readonly project: string; readonly release: number }) {
  const suppressions = useSuppressions(project);
  return (
    <section className="sheet stack" aria-labelledby="security">
      <h2 id="security">Security findings that somebody answers for</h2>
      <Shown query={suppressions} what="the findings">
        {(data) =>
          data.suppressions.length === 0 ? (
            <p className="quiet">Nobody answers for any: every finding that is severe enough blocks.</p>
          ) : (
            <Table label="Findings answered for" columns={['Finding', 'Who', 'Why', 'Until', 'Lift']}>
              {data.suppressions.map(({ finding, owner, reason, until }) => (
                <tr key={`${finding} ${until}`}>
                  <th scope="row">
                    <code>{finding}</code>
                  </th>
                  <td>{owner}</td>
                  <td>{reason}</td>
                  <td>
                    {until > Date.now() ? (
                      <State tone="idle" word="does not block" />
                    ) : (
                      <State tone="bad" word="over: blocks again" />
                    )}{' '}
                    <Ago at={until} />
                  </td>
                  <td>
                    <Act action={liftSuppression(project, finding)} />
                  </td>
                </tr>
              ))}
            </Table>
          )
        }
      </Shown>
      <div className="row">
        <Act action={suppress(project)} />
        <Act action={addEvidence(project, release)} />
        <Command text="liftlock suppress --list" />
      </div>
    </section>
  );
}

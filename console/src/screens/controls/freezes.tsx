import { useFreezes } from '../../api/controls.ts';
import { Act } from '../../parts/act.tsx';
import { Ago } from '../../parts/ago.tsx';
import { Command } from '../../parts/command.tsx';
import { Shown } from '../../parts/shown.tsx';
import { State } from '../../parts/state.tsx';
import { Table } from '../../parts/table.tsx';
import { freeze, liftFreeze } from './actions.ts';

/** In force or to come for these environments; asked about all of them, those of the whole project and of everything are among them. */
export function Freezes({
  project,
  environments,
}: {
  readonly project: string;
  readonly environments: readonly string[];
}) {
  const freezes = useFreezes(project);
  return (
    <section className="sheet stack" aria-labelledby="freezes">
      <h2 id="freezes">Freezes</h2>
      <Shown query={freezes} what="freezes">
        {(data) => {
          const shown = data.freezes.filter(
            ({ environment }) => environment === null || environments.includes(environment),
          );
          return shown.length === 0 ? (
            <p className="quiet">Nothing is frozen.</p>
          ) : (
            <Table
              label="Freezes"
              columns={['What', 'Standing', 'Who and why', 'From', 'Until', 'Does not stop', 'Lift']}
            >
              {shown.map((one) => (
                <tr key={one.id}>
                  <th scope="row">
                    {one.environment ?? (one.project === null ? 'every project' : 'the whole project')}
                  </th>
                  <td>
                    <State tone={one.inForce ? 'wait' : 'idle'} word={one.inForce ? 'in force' : 'to come'} />
                  </td>
                  <td>
                    {one.by}: {one.reason}
                  </td>
                  <td>
                    <Ago at={one.from} />
                  </td>
                  <td>{one.until === null ? 'it is lifted' : <Ago at={one.until} />}</td>
                  <td>{one.exempt.length === 0 ? 'nothing: the way back is shut, too' : one.exempt.join(', ')}</td>
                  <td>
                    <Act action={liftFreeze(one)} />
                  </td>
                </tr>
              ))}
            </Table>
          );
        }}
      </Shown>
      <div className="row">
        <Act action={freeze(project, environments)} />
        <Command text="liftlock freeze --list" />
      </div>
    </section>
  );
}

/** Everybody, what they may do and since when, and whose signatures are believed. */
import type { GrantView } from '../../../../src/api/contract/people.ts';
import { useProjectNames } from '../../api/queries.ts';
import { useGrants, useHandles, usePeople, useSessions } from '../../api/records.ts';
import { useMatrix, useMay } from '../../api/rights.ts';
import { Act } from '../../parts/act.tsx';
import { Command } from '../../parts/command.tsx';
import { Ago } from '../../parts/ago.tsx';
import { useFilter } from '../../parts/filter.tsx';
import { Sessions } from '../../parts/sessions.tsx';
import { Shown } from '../../parts/shown.tsx';
import { State } from '../../parts/state.tsx';
import { Table } from '../../parts/table.tsx';
import { addGrant, addPerson, changeEmail, linkPerson, revokeGrant, setDisabled } from './actions.ts';
import { Offered } from './offered.tsx';
import { CommitSigners, Machines, Signers } from './signers.tsx';

export default function People() {
  return (
    <div className="stack">
      <h1>People and signers</h1>
      <Everybody />
      <SignedIn />
      <Grants />
      <Machines />
      <CommitSigners />
      <Signers />
    </div>
  );
}

function Everybody() {
  const people = usePeople();
  const may = useMay();
  return (
    <section className="sheet stack" aria-labelledby="people">
      <h2 id="people">People</h2>
      <Shown query={people} what="people">
        {(data) => (
          <Table label="People" columns={['Handle', 'Name', 'Addresses', 'Roles in force', 'Standing', 'Change']}>
            {data.people.map((person) => (
              <tr key={person.handle}>
                <th scope="row">{person.handle}</th>
                <td>{person.name}</td>
                <td>{person.emails.join(', ') || <span className="quiet">none</span>}</td>
                <td>
                  {person.rights
                    .map(({ role, project }) => `${role}${project === null ? '' : ` (${project})`}`)
                    .join(', ') || <span className="quiet">none: sees nothing</span>}
                </td>
                <td>
                  {person.disabledAt === null ? (
                    <State tone="good" word="may sign in" />
                  ) : (
                    <>
                      <State tone="idle" word="disabled" /> <Ago at={person.disabledAt} />
                    </>
                  )}
                </td>
                <td>
                  {may('person:manage') ? (
                    <div className="row">
                      {person.disabledAt === null ? <Act action={linkPerson(person)} /> : null}
                      <Act action={changeEmail(person)} />
                      <Act action={setDisabled(person)} />
                    </div>
                  ) : (
                    <span className="quiet">—</span>
                  )}
                </td>
              </tr>
            ))}
          </Table>
        )}
      </Shown>
      <Offered action="person:manage" command="liftlock person list">
        <Act action={addPerson()} />
      </Offered>
    </section>
  );
}

function SignedIn() {
  const sessions = useSessions();
  const may = useMay();
  return (
    <section className="sheet stack" aria-labelledby="sessions">
      <h2 id="sessions">Sessions</h2>
      <p className="quiet">Browsers in which people are signed in now.</p>
      <Shown query={sessions} what="sessions">
        {(data) =>
          data.sessions.length === 0 ? (
            <p>Nobody is signed in with a browser.</p>
          ) : (
            <Sessions sessions={data.sessions} whose mayEnd={may('person:manage')} />
          )
        }
      </Shown>
      <Command text="liftlock session list --all" />
    </section>
  );
}

function Grants() {
  const grants = useGrants();
  const handles = useHandles();
  const projects = useProjectNames();
  // Programs get theirs by being let in.
  const roles = (useMatrix().data?.roles ?? []).map(({ role }) => role).filter((role) => role !== 'machine');
  const [over, setOver] = useFilter('over');
  const may = useMay();
  return (
    <section className="sheet stack" aria-labelledby="grants">
      <div className="row">
        <h2 id="grants">Grants</h2>
        <label className="row">
          <input
            type="checkbox"
            checked={over === 'shown'}
            onChange={({ target }) => setOver(target.checked ? 'shown' : '')}
          />
          also those that are over
        </label>
      </div>
      <Shown query={grants} what="grants">
        {(data) => (
          <Table label="Grants" columns={['Who', 'Role', 'Where', 'Given', 'Until', 'Take back']}>
            {data.grants
              .filter(({ inForce }) => inForce || over === 'shown')
              .map((grant) => (
                <tr key={grant.id}>
                  <th scope="row">{grant.person}</th>
                  <td>{grant.role}</td>
                  <td>{grant.project ?? 'every project'}</td>
                  <td>
                    by {grant.by}, <Ago at={grant.from} />
                    {grant.reason === null ? '' : `: ${grant.reason}`}
                  </td>
                  <td>{untilOf(grant)}</td>
                  <td>
                    {grant.inForce && may('grant:manage') ? (
                      <Act action={revokeGrant(grant)} />
                    ) : (
                      <span className="quiet">—</span>
                    )}
                  </td>
                </tr>
              ))}
          </Table>
        )}
      </Shown>
      <Offered action="grant:manage" command="liftlock grant list">
        <Act action={addGrant(handles, roles, projects)} />
      </Offered>
    </section>
  );
}

function untilOf({ until, revokedAt }: GrantView) {
  if (revokedAt !== null)
    return (
      <>
        taken back <Ago at={revokedAt} />
      </>
    );
  return until === null ? 'it is taken back' : <Ago at={until} />;
}

/** Everybody, what they may do and since when, and whose signatures are believed. */
import type { GrantView } from '../../../../src/api/contract/people.ts';
import { pathOf } from '../../api/call.ts';
import { useEvidenceSigners, useGrants, useMachines, usePeople, useSigners } from '../../api/records.ts';
import { useMay } from '../../api/rights.ts';
import { Act } from '../../parts/act.tsx';
import { Command } from '../../parts/command.tsx';
import { Ago } from '../../parts/ago.tsx';
import { useFilter } from '../../parts/filter.tsx';
import { Shown } from '../../parts/shown.tsx';
import { State } from '../../parts/state.tsx';
import { Table } from '../../parts/table.tsx';

export default function People() {
  return (
    <div className="stack">
      <h1>People and signers</h1>
      <Everybody />
      <Grants />
      <Machines />
      <CommitSigners />
      <Signers />
    </div>
  );
}

function Everybody() {
  const people = usePeople();
  return (
    <section className="sheet stack" aria-labelledby="people">
      <h2 id="people">People</h2>
      <Shown query={people} what="people">
        {(data) => (
          <Table label="People" columns={['Handle', 'Name', 'Addresses', 'Roles in force', 'Standing']}>
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
              </tr>
            ))}
          </Table>
        )}
      </Shown>
      <Command text="liftlock person add HANDLE --name 'NAME' --email ADDRESS" />
    </section>
  );
}

function Grants() {
  const grants = useGrants();
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
                      <Act action={revoke(grant)} />
                    ) : (
                      <span className="quiet">—</span>
                    )}
                  </td>
                </tr>
              ))}
          </Table>
        )}
      </Shown>
      <Command text="liftlock grant add HANDLE ROLE --project PROJECT" />
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

function revoke(grant: GrantView) {
  return {
    label: 'Revoke',
    explains: `${grant.person} is no longer ${grant.role} ${grant.project === null ? 'anywhere' : `in ${grant.project}`}, at once.`,
    path: pathOf('/api/v1/grants/{grant}/revoke', { grant: grant.id }),
    body: (reason: string) => ({ reason }),
    command: `liftlock grant revoke ${grant.id} --reason {reason}`,
    reason: 'needed',
  } as const;
}

function Machines() {
  const machines = useMachines();
  return (
    <section className="sheet stack" aria-labelledby="machines">
      <h2 id="machines">Machines</h2>
      <Shown query={machines} what="machines">
        {(data) =>
          data.machines.length === 0 ? (
            <p className="quiet">
              No CI job signs in by itself yet. <code>liftlock machine add</code> lets one in.
            </p>
          ) : (
            <Table label="Machines" columns={['Name', 'Project', 'Vouched for by', 'Standing']}>
              {data.machines.map((machine) => (
                <tr key={machine.handle}>
                  <th scope="row">{machine.name}</th>
                  <td>{machine.project}</td>
                  <td>{machine.issuer}</td>
                  <td>
                    {machine.disabledAt === null ? (
                      <State tone="good" word="may sign in" />
                    ) : (
                      <State tone="idle" word="disabled" />
                    )}
                  </td>
                </tr>
              ))}
            </Table>
          )
        }
      </Shown>
    </section>
  );
}

function CommitSigners() {
  const signers = useSigners();
  return (
    <section className="sheet stack" aria-labelledby="keys">
      <h2 id="keys">Whose signatures on commits and tags count</h2>
      <Shown query={signers} what="keys">
        {(data) =>
          data.signers.length === 0 ? (
            <p className="quiet">
              No key is known yet. <code>liftlock signer add</code> makes one known.
            </p>
          ) : (
            <Table label="Keys" columns={['Owner', 'Key', 'Kind', 'Added', 'Standing']}>
              {data.signers.map((signer) => (
                <tr key={signer.fingerprint}>
                  <th scope="row">{signer.owner}</th>
                  <td>
                    <code>{signer.fingerprint}</code> {signer.comment}
                  </td>
                  <td>
                    {signer.kind}, {signer.algorithm}
                  </td>
                  <td>
                    by {signer.addedBy}, <Ago at={signer.addedAt} />
                  </td>
                  <td>
                    {signer.revoked === null ? (
                      <State tone="good" word="counts" />
                    ) : (
                      <>
                        <State tone="idle" word="revoked" /> {signer.revoked.by}: {signer.revoked.reason}
                      </>
                    )}
                  </td>
                </tr>
              ))}
            </Table>
          )
        }
      </Shown>
    </section>
  );
}

function Signers() {
  const signers = useEvidenceSigners();
  return (
    <section className="sheet stack" aria-labelledby="signers">
      <h2 id="signers">Whose evidence is believed</h2>
      <Shown query={signers} what="signers">
        {(data) => (
          <>
            {data.signers.length === 0 ? (
              <p className="quiet">
                Only Liftlock’s own. <code>liftlock evidence signer add</code> makes a key of a tool known.
              </p>
            ) : (
              <Table label="Signers" columns={['Name', 'Key', 'Kinds', 'Where', 'Standing']}>
                {data.signers.map((signer) => (
                  <tr key={signer.id}>
                    <th scope="row">{signer.name}</th>
                    <td>
                      <code>{signer.key.slice(0, 23)}…</code>
                    </td>
                    <td>{signer.kinds.join(', ')}</td>
                    <td>{signer.projects?.join(', ') ?? 'every project'}</td>
                    <td>
                      {signer.revokedAt === null ? (
                        <State tone="good" word="believed" />
                      ) : (
                        <State tone="idle" word="revoked" />
                      )}
                    </td>
                  </tr>
                ))}
              </Table>
            )}
            <p className="quiet small">
              Liftlock signs with{' '}
              {data.installations.map(({ key }) => `${key.slice(0, 23)}…`).join(', ') || 'no key yet'}
            </p>
          </>
        )}
      </Shown>
    </section>
  );
}

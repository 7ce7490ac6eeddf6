/** Programs that sign in, and whose signatures count: on commits and tags, and on evidence. */
import { useProjectNames } from '../../api/queries.ts';
import { useEvidenceSigners, useHandles, useMachines, useSigners } from '../../api/records.ts';
import { useMay } from '../../api/rights.ts';
import { Act } from '../../parts/act.tsx';
import { Ago } from '../../parts/ago.tsx';
import { Shown } from '../../parts/shown.tsx';
import { State } from '../../parts/state.tsx';
import { Table } from '../../parts/table.tsx';
import { Offered } from './offered.tsx';
import {
  addEvidenceSigner,
  addMachine,
  addSigner,
  disableMachine,
  revokeEvidenceSigner,
  revokeSigner,
} from './signer-actions.ts';

export function Machines() {
  const machines = useMachines();
  const may = useMay();
  const projects = useProjectNames();
  return (
    <section className="sheet stack" aria-labelledby="machines">
      <h2 id="machines">Machines</h2>
      <Shown query={machines} what="machines">
        {(data) =>
          data.machines.length === 0 ? (
            <p className="quiet">No CI job signs in by itself yet.</p>
          ) : (
            <Table label="Machines" columns={['Name', 'Project', 'Vouched for by', 'Standing', 'End it']}>
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
                  <td>
                    {machine.disabledAt === null && may('machine:manage') ? (
                      <Act action={disableMachine(machine)} />
                    ) : (
                      <span className="quiet">—</span>
                    )}
                  </td>
                </tr>
              ))}
            </Table>
          )
        }
      </Shown>
      <Offered action="machine:manage" command="liftlock machine list">
        <Act action={addMachine(projects)} />
      </Offered>
    </section>
  );
}

export function CommitSigners() {
  const signers = useSigners();
  const may = useMay();
  const handles = useHandles();
  return (
    <section className="sheet stack" aria-labelledby="keys">
      <h2 id="keys">Whose signatures on commits and tags count</h2>
      <Shown query={signers} what="keys">
        {(data) =>
          data.signers.length === 0 ? (
            <p className="quiet">No key is known yet: nobody’s signature counts.</p>
          ) : (
            <Table label="Keys" columns={['Owner', 'Key', 'Kind', 'Added', 'Standing', 'Revoke']}>
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
                  <td>
                    {signer.revoked === null && may('signer:manage') ? (
                      <Act action={revokeSigner(signer)} />
                    ) : (
                      <span className="quiet">—</span>
                    )}
                  </td>
                </tr>
              ))}
            </Table>
          )
        }
      </Shown>
      <Offered action="signer:manage" command="liftlock signer list">
        <Act action={addSigner(handles)} />
      </Offered>
    </section>
  );
}

export function Signers() {
  const signers = useEvidenceSigners();
  const may = useMay();
  const projects = useProjectNames();
  return (
    <section className="sheet stack" aria-labelledby="signers">
      <h2 id="signers">Whose evidence is believed</h2>
      <Shown query={signers} what="signers">
        {(data) => (
          <>
            {data.signers.length === 0 ? (
              <p className="quiet">Only Liftlock’s own.</p>
            ) : (
              <Table label="Signers" columns={['Name', 'Key', 'Kinds', 'Where', 'Standing', 'Revoke']}>
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
                    <td>
                      {signer.revokedAt === null && may('evidence-signer:manage') ? (
                        <Act action={revokeEvidenceSigner(signer)} />
                      ) : (
                        <span className="quiet">—</span>
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
      <Offered action="evidence-signer:manage" command="liftlock evidence signer list">
        <Act action={addEvidenceSigner(projects)} />
      </Offered>
    </section>
  );
}

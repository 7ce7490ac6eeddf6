/** Whether this installation stands as it should, and what to do first. */
import { useProjects } from '../../api/queries.ts';
import { useReadiness, useWays } from '../../api/records.ts';
import { Command } from '../../parts/command.tsx';
import { Ago } from '../../parts/ago.tsx';
import { Shown } from '../../parts/shown.tsx';
import { State } from '../../parts/state.tsx';
import { Table } from '../../parts/table.tsx';

const steps = [
  { what: 'In your repository, write a pipeline file that fits what is there', command: 'liftlock init' },
  { what: 'Make the project known, or put a changed file in force', command: 'liftlock apply' },
  { what: 'Let others in', command: "liftlock person add HANDLE --name 'NAME'" },
  { what: 'Look whether this machine has what is needed', command: 'liftlock doctor' },
];

export default function Setup() {
  return (
    <div className="stack">
      <h1>Setup</h1>
      <Server />
      <Repositories />
      <section className="sheet stack" aria-labelledby="steps">
        <h2 id="steps">First steps</h2>
        <ol className="steps stack">
          {steps.map(({ what, command }) => (
            <li key={command}>
              {what}
              <Command text={command} />
            </li>
          ))}
        </ol>
      </section>
    </div>
  );
}

function Server() {
  const ready = useReadiness();
  const ways = useWays();
  return (
    <section className="sheet stack" aria-labelledby="server">
      <h2 id="server">Server</h2>
      <Shown query={ready} what="the server’s state">
        {({ version }) => (
          <p>
            <State tone="good" word="ready" /> Liftlock {version}; its database answers.
          </p>
        )}
      </Shown>
      <Shown query={ways} what="how people sign in">
        {({ oidc }) => (
          <p>
            People sign in by a one-time link
            {oidc === null ? '; no OpenID provider is configured' : ` or at ${oidc.name}`}.
          </p>
        )}
      </Shown>
    </section>
  );
}

function Repositories() {
  const projects = useProjects();
  return (
    <section className="sheet stack" aria-labelledby="repositories">
      <h2 id="repositories">Repositories</h2>
      <Shown query={projects} what="repositories">
        {(data) =>
          data.projects.length === 0 ? (
            <p className="quiet">
              None yet. <code>liftlock up</code> in a repository adds it.
            </p>
          ) : (
            <Table label="Repositories" columns={['Project', 'Repository', 'State', 'Looked at next']}>
              {data.projects.map((project) => (
                <tr key={project.id}>
                  <th scope="row">{project.name}</th>
                  <td>
                    <code className="long">{project.source}</code>
                  </td>
                  <td>
                    {project.sourceError === null ? (
                      <State tone="good" word="reached" />
                    ) : (
                      <>
                        <State tone="bad" word="not reached" /> {project.sourceError}
                      </>
                    )}
                  </td>
                  <td>
                    <Ago at={project.nextLookAt} />
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

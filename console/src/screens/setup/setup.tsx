/** Whether this installation stands as it should, and what to do first. */
import { useProjectNames, useProjects } from '../../api/queries.ts';
import { useCheckup, useReadiness, useWays } from '../../api/records.ts';
import { useMay } from '../../api/rights.ts';
import { quoted } from '../../parts/action.ts';
import { Ago } from '../../parts/ago.tsx';
import { useFilter } from '../../parts/filter.tsx';
import { Shown } from '../../parts/shown.tsx';
import { State } from '../../parts/state.tsx';
import { Table } from '../../parts/table.tsx';
import { Checkup } from './checkup.tsx';
import { FirstSteps } from './first-steps.tsx';

export default function Setup() {
  const may = useMay();
  const projects = useProjects();
  const checkup = useCheckup(undefined, may('checkup:read'));
  return (
    <div className="stack">
      <h1>Setup</h1>
      <Shown query={projects} what="projects">
        {(data) => <FirstSteps projects={data.projects} />}
      </Shown>
      <Server />
      {may('checkup:read') ? <Checkup what="The server" query={checkup} command="liftlock doctor" /> : null}
      <Repositories />
      <OneProject />
    </div>
  );
}

/** The checks look at every service of a project: they are made of one at a time. */
function OneProject() {
  const names = useProjectNames();
  const [chosen, choose] = useFilter('project');
  const project = chosen === '' ? names[0] : chosen;
  if (project === undefined) return null;
  return (
    <>
      {names.length < 2 ? null : (
        <div className="row filters">
          <label>
            Checks of
            <select value={project} onChange={({ target }) => choose(target.value)}>
              {names.map((name) => (
                <option key={name}>{name}</option>
              ))}
            </select>
          </label>
        </div>
      )}
      <ProjectCheckup project={project} />
    </>
  );
}

function ProjectCheckup({ project }: { readonly project: string }) {
  const checkup = useCheckup(project);
  return <Checkup what={project} query={checkup} command={`liftlock -p ${quoted(project)} doctor`} />;
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
                    <code className="anywhere">{project.source}</code>
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

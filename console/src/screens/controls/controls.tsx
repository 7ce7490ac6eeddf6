/** What people set to stop or steer automation: what is in force, who set it and why, and how to lift it. */
import { Link } from 'wouter';
import type { EnvironmentView } from '../../../../src/api/contract/environments.ts';
import { useVetoes } from '../../api/controls.ts';
import { useStatus } from '../../api/queries.ts';
import { Act } from '../../parts/act.tsx';
import { Ago } from '../../parts/ago.tsx';
import { called } from '../../parts/called.ts';
import { Command } from '../../parts/command.tsx';
import { Cut } from '../../parts/cut.tsx';
import { Shown } from '../../parts/shown.tsx';
import { State } from '../../parts/state.tsx';
import { Table } from '../../parts/table.tsx';
import { hold, pin, releaseHold, unpin } from '../environment/actions.ts';
import { liftVeto, stopRetired, veto } from './actions.ts';
import { Freezes } from './freezes.tsx';

export default function Controls({ project }: { readonly project: string }) {
  const status = useStatus(project);
  return (
    <div className="stack">
      <h1>Controls</h1>
      <p className="quiet">
        Holds stop automation and leave people free; freezes stop both; pins nail an environment to a release; a veto
        marks a release bad.
      </p>
      <Shown query={status} what="what is set">
        {({ environments }) => {
          const present = environments.filter(({ retired }) => !retired);
          const names = present.map(({ name }) => name);
          return (
            <>
              <Freezes project={project} environments={names} />
              <HoldsAndPins project={project} environments={present} />
              <Vetoes project={project} environments={names} />
              <Retired project={project} environments={environments.filter(({ retired }) => retired)} />
            </>
          );
        }}
      </Shown>
    </div>
  );
}

interface Listed {
  readonly project: string;
  readonly environments: readonly EnvironmentView[];
}

function HoldsAndPins({ project, environments }: Listed) {
  const base = `/p/${encodeURIComponent(project)}/environments`;
  return (
    <section className="sheet stack" aria-labelledby="holds">
      <h2 id="holds">Holds and pins</h2>
      <Table label="Holds and pins" columns={['Environment', 'Automation', 'Release', 'Change it']}>
        {environments.map(({ name, hold: held, pin: pinned, running }) => {
          const place = { project, environment: name };
          return (
            <tr key={name}>
              <th scope="row">
                <Link href={`${base}/${encodeURIComponent(name)}`}>{name}</Link>
              </th>
              <td>{held === null ? <State tone="good" word="goes on" /> : <Set word="on hold" control={held} />}</td>
              <td>{pinned === null ? <span className="quiet">any</span> : <Set word="pinned" control={pinned} />}</td>
              <td>
                <div className="row">
                  <Act action={held === null ? hold(place) : releaseHold(place)} />
                  <Act action={pinned === null ? pin(place, running?.release.number) : unpin(place)} />
                </div>
              </td>
            </tr>
          );
        })}
      </Table>
    </section>
  );
}

function Set({ word, control }: { readonly word: string; readonly control: NonNullable<EnvironmentView['hold']> }) {
  const { by, reason, at } = control;
  return (
    <>
      <State tone="wait" word={word} /> {called(by)}: {reason}{' '}
      <span className="quiet small">
        (<Ago at={at} />)
      </span>
    </>
  );
}

function Vetoes({ project, environments }: { readonly project: string; readonly environments: readonly string[] }) {
  const vetoes = useVetoes(project);
  return (
    <section className="sheet stack" aria-labelledby="vetoes">
      <h2 id="vetoes">Vetoes</h2>
      <Shown query={vetoes} what="vetoes">
        {(data) =>
          data.vetoes.length === 0 ? (
            <p className="quiet">No release is marked bad.</p>
          ) : (
            <Table label="Vetoes" columns={['Release', 'Where', 'Who and why', 'Since', 'Lift']}>
              {data.vetoes.map((one) => (
                <tr key={`${one.release.id} ${one.environment} ${one.at}`}>
                  <th scope="row">
                    <Link href={`/p/${encodeURIComponent(project)}/releases/${one.release.number}`}>
                      #{one.release.number}
                    </Link>{' '}
                    <Cut text={one.release.title} />
                  </th>
                  <td>{one.environment ?? 'every environment'}</td>
                  <td>
                    {one.by}: {one.reason}
                  </td>
                  <td>
                    <Ago at={one.at} />
                  </td>
                  <td>
                    <Act action={liftVeto(project, one)} />
                  </td>
                </tr>
              ))}
            </Table>
          )
        }
      </Shown>
      <div className="row">
        <Act action={veto(project, environments)} />
        <Command text="liftlock veto --list" />
      </div>
    </section>
  );
}

/** They are no longer in the pipeline, and something still runs there. */
function Retired({ project, environments }: Listed) {
  if (environments.length === 0) return null;
  return (
    <section className="sheet stack" aria-labelledby="retired">
      <h2 id="retired">Removed from the pipeline, and still running</h2>
      <ul className="stack">
        {environments.map(({ name, running, stopRequest }) => (
          <li key={name} className="row">
            <Link href={`/p/${encodeURIComponent(project)}/environments/${encodeURIComponent(name)}`}>{name}</Link>
            {running === null ? null : (
              <span>
                #{running.release.number} <Cut text={running.release.title} />
              </span>
            )}
            {stopRequest === null ? (
              <Act action={stopRetired({ project, environment: name })} />
            ) : (
              <State tone="busy" word={`${stopRequest.by} asked to stop it`} />
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

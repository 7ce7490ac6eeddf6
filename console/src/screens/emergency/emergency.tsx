/** The way around gates in an emergency: what it opens, the second person, and the look back. It looks like no other screen. */
import { Link } from 'wouter';
import type { BreakGlassesView, BreakGlassView, FollowUpView } from '../../../../src/api/contract/break-glass.ts';
import { useBreakGlasses, useFollowUps } from '../../api/controls.ts';
import { Act } from '../../parts/act.tsx';
import { Ago } from '../../parts/ago.tsx';
import { Command } from '../../parts/command.tsx';
import { Outside } from '../../parts/outside.tsx';
import { Shown } from '../../parts/shown.tsx';
import { State } from '../../parts/state.tsx';
import { Table } from '../../parts/table.tsx';
import { closeFollowUp, confirmBreakGlass } from './actions.ts';
import { Asking } from './asking.tsx';

export default function Emergency({ project }: { readonly project: string }) {
  const glasses = useBreakGlasses(project);
  return (
    <div className="stack">
      <h1>Emergency</h1>
      <Shown query={glasses} what="ways around gates">
        {(data) => (
          <>
            <Waiting project={project} glasses={data.breakGlasses} />
            <FollowUps project={project} />
            <Request project={project} data={data} />
            <Past project={project} glasses={data.breakGlasses} />
          </>
        )}
      </Shown>
    </div>
  );
}

function isWaiting({ confirmed, expiresAt }: BreakGlassView): boolean {
  return confirmed === null && expiresAt > Date.now();
}

interface Listed {
  readonly project: string;
  readonly glasses: readonly BreakGlassView[];
}

function Waiting({ project, glasses }: Listed) {
  const waiting = glasses.filter(isWaiting);
  if (waiting.length === 0) return null;
  return (
    <section className="sheet grave stack" aria-labelledby="second">
      <h2 id="second">A second person is wanted</h2>
      {waiting.map((glass) => (
        <div key={glass.id} className="stack tight">
          <p>
            <strong>{glass.requestedBy}</strong> asks to pass <strong>{glass.gates.join(', ')}</strong> for release{' '}
            <Link href={`/p/${encodeURIComponent(project)}/releases/${glass.release.number}`}>
              #{glass.release.number}
            </Link>{' '}
            in {glass.environment}: {glass.reason}
          </p>
          <p className="quiet small">
            Written down at <Outside url={glass.incident} />; asked <Ago at={glass.requestedAt} />, good until{' '}
            <Ago at={glass.expiresAt} />.
          </p>
          <div className="row">
            <Act action={confirmBreakGlass(project, glass)} />
          </div>
        </div>
      ))}
    </section>
  );
}

function Request({ project, data }: { readonly project: string; readonly data: BreakGlassesView }) {
  return (
    <section className={`sheet stack ${data.allowed ? 'grave' : ''}`} aria-labelledby="request">
      <h2 id="request">Break-glass</h2>
      {data.allowed ? (
        <>
          <p>
            Two people together pass gates that they name, for one release in one environment, once. Vetoes, pins, turns
            and what checks signatures and digests are never passed, and what a person rejected stays rejected.
          </p>
          <Asking project={project} passable={data.passable} />
        </>
      ) : (
        <p>
          It is off in this project: nobody can pass a gate here. <code>{'trust: { breakGlass: two-person }'}</code> in
          the pipeline file allows it, which a second person has to agree to.
        </p>
      )}
      <Command text="liftlock break-glass list" />
    </section>
  );
}

function Past({ project, glasses }: Listed) {
  const past = glasses.filter((one) => !isWaiting(one));
  return (
    <section className="sheet stack" aria-labelledby="past">
      <h2 id="past">What was passed before</h2>
      {past.length === 0 ? (
        <p className="quiet">Nobody has passed a gate here.</p>
      ) : (
        <Table label="Break-glasses" columns={['Release', 'Gates', 'Who and why', 'Second person', 'Came of it']}>
          {past.map((glass) => (
            <tr key={glass.id}>
              <th scope="row">
                <Link href={`/p/${encodeURIComponent(project)}/releases/${glass.release.number}`}>
                  #{glass.release.number}
                </Link>{' '}
                in {glass.environment}
              </th>
              <td>{glass.gates.join(', ')}</td>
              <td>
                {glass.requestedBy}: {glass.reason} (<Outside url={glass.incident} text="incident" />,{' '}
                <Ago at={glass.requestedAt} />)
              </td>
              <td>
                {glass.confirmed === null ? (
                  <State tone="idle" word="nobody" />
                ) : (
                  <>
                    {glass.confirmed.by}, <Ago at={glass.confirmed.at} />
                  </>
                )}
              </td>
              <td>
                {glass.used === null ? (
                  <State tone="idle" word={glass.expiresAt > Date.now() ? 'not used yet' : 'ran out unused'} />
                ) : (
                  <>
                    <State tone="wait" word="used" /> <Ago at={glass.used.at} />
                  </>
                )}
              </td>
            </tr>
          ))}
        </Table>
      )}
    </section>
  );
}

function FollowUps({ project }: { readonly project: string }) {
  const followUps = useFollowUps(project);
  return (
    <section className="sheet stack" aria-labelledby="follow-ups">
      <h2 id="follow-ups">To be looked back at</h2>
      <Shown query={followUps} what="follow-ups">
        {(data) =>
          data.followUps.length === 0 ? (
            <p className="quiet">There was no emergency: nothing has to be looked back at.</p>
          ) : (
            <Table label="Follow-ups" columns={['Follow-up', 'Standing', 'Opened', 'What was learnt', 'Close it']}>
              {data.followUps.map((one) => (
                <FollowUp key={one.id} project={project} one={one} />
              ))}
            </Table>
          )
        }
      </Shown>
    </section>
  );
}

function FollowUp({ project, one }: { readonly project: string; readonly one: FollowUpView }) {
  return (
    <tr>
      <th scope="row">
        <code>{one.id}</code>
      </th>
      <td>
        {one.closed !== null ? (
          <State tone="good" word="closed" />
        ) : one.overdue ? (
          <>
            <State tone="bad" word="overdue" /> production takes nothing but emergencies
          </>
        ) : (
          <>
            <State tone="wait" word="open" /> due <Ago at={one.dueAt} />
          </>
        )}
      </td>
      <td>
        <Ago at={one.openedAt} />, of <code>{one.breakGlass}</code>
      </td>
      <td>{one.closed === null ? <span className="quiet">—</span> : `${one.closed.by}: ${one.closed.conclusion}`}</td>
      <td>{one.closed === null ? <Act action={closeFollowUp(project, one)} /> : <span className="quiet">—</span>}</td>
    </tr>
  );
}

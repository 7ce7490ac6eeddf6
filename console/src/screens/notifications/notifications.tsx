/** Who is told what, and whether it arrived. */
import type { ChannelView } from '../../../../src/api/contract/notifications.ts';
import { useChannels } from '../../api/notifications.ts';
import { useProjectNames } from '../../api/queries.ts';
import { Act } from '../../parts/act.tsx';
import { Ago } from '../../parts/ago.tsx';
import { Command } from '../../parts/command.tsx';
import { useFilter } from '../../parts/filter.tsx';
import { Shown } from '../../parts/shown.tsx';
import { State } from '../../parts/state.tsx';
import { Table } from '../../parts/table.tsx';
import { addChannel, removeChannel, testChannel } from './actions.ts';
import { Deliveries } from './deliveries.tsx';

export default function Notifications() {
  const names = useProjectNames();
  const [project, setProject] = useFilter('project');
  return (
    <div className="stack">
      <div className="row filters">
        <h1>Notifications</h1>
        <label>
          Project
          <select value={project} onChange={({ target }) => setProject(target.value)}>
            <option value="">every</option>
            {names.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
      </div>
      <Channels project={project} projects={names} />
      <Deliveries project={project} />
    </div>
  );
}

function Channels({ project, projects }: { readonly project: string; readonly projects: readonly string[] }) {
  const channels = useChannels(project);
  return (
    <section className="sheet stack" aria-labelledby="channels">
      <h2 id="channels">Channels</h2>
      <Shown query={channels} what="channels">
        {(data) =>
          data.channels.length === 0 ? (
            <p className="quiet">Nobody is told anything yet. A channel tells by webhook, by e-mail or by a command.</p>
          ) : (
            <Table label="Channels" columns={['Name', 'About', 'Where to', 'Told what', 'Standing', 'Try, remove']}>
              {data.channels.map((channel) => (
                <Row key={channel.id} channel={channel} />
              ))}
            </Table>
          )
        }
      </Shown>
      <div className="row">
        <Act action={addChannel(projects)} />
        <Command text="liftlock channel list" />
      </div>
    </section>
  );
}

function Row({ channel }: { readonly channel: ChannelView }) {
  return (
    <tr>
      <th scope="row">{channel.name}</th>
      <td>{channel.project ?? 'the whole installation'}</td>
      <td>
        {channel.kind}: <span className="anywhere">{channel.to}</span>
      </td>
      <td>
        {channel.routes.map(({ atLeast, kinds, environments }) => (
          <p key={`${atLeast} ${kinds.join()} ${environments.join()}`}>
            {atLeast === 'info' ? 'everything' : atLeast === 'warning' ? 'warnings and pages' : 'pages'}
            {kinds.length === 0 ? '' : ` of ${kinds.join(', ')}`}
            {environments.length === 0 ? '' : ` in ${environments.join(', ')}`}
          </p>
        ))}
      </td>
      <td>
        {channel.disabled !== null ? (
          <>
            <State tone="bad" word="off" /> {channel.disabled.because} <Ago at={channel.disabled.at} />
          </>
        ) : channel.dead > 0 ? (
          <State tone="bad" word={`${channel.dead} did not arrive`} />
        ) : (
          <State tone="good" word="in use" />
        )}
      </td>
      <td>
        <div className="row">
          {channel.disabled === null ? <Act action={testChannel(channel)} /> : null}
          <Act action={removeChannel(channel)} />
        </div>
      </td>
    </tr>
  );
}

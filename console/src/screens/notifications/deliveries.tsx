import type { NotificationView } from '../../../../src/api/contract/notifications.ts';
import { useNotification, useNotifications } from '../../api/notifications.ts';
import { Act } from '../../parts/act.tsx';
import { Ago } from '../../parts/ago.tsx';
import { Command } from '../../parts/command.tsx';
import { useFilter } from '../../parts/filter.tsx';
import { OpeningRow } from '../../parts/opening-row.tsx';
import { Shown } from '../../parts/shown.tsx';
import { State, type Tone } from '../../parts/state.tsx';
import { Table } from '../../parts/table.tsx';
import { Where } from '../../parts/where.tsx';
import { redeliver } from './actions.ts';

type Delivery = NotificationView['deliveries'][number];

const deliveryTones: Readonly<Record<Delivery['state'], Tone>> = { waiting: 'wait', delivered: 'good', dead: 'bad' };
const severityTones: Readonly<Record<NotificationView['severity'], Tone>> = {
  info: 'idle',
  warning: 'wait',
  page: 'bad',
};

/** What was told, newest first, and what became of it. */
export function Deliveries({ project }: { readonly project: string }) {
  const [channel, setChannel] = useFilter('channel');
  const [state, setState] = useFilter('state');
  const notifications = useNotifications({ project, channel, state });
  return (
    <section className="sheet stack" aria-labelledby="told">
      <h2 id="told">What was told</h2>
      <form className="row filters" role="search" onSubmit={(event) => event.preventDefault()}>
        <label>
          Channel
          <input type="search" value={channel} onChange={({ target }) => setChannel(target.value.trim())} />
        </label>
        <label>
          Delivery
          <select value={state} onChange={({ target }) => setState(target.value)}>
            <option value="">any</option>
            <option>waiting</option>
            <option>delivered</option>
            <option>dead</option>
          </select>
        </label>
      </form>
      <Shown query={notifications} what="notifications">
        {(data) =>
          data.notifications.length === 0 ? (
            <p className="quiet">
              {channel === '' && state === '' ? 'Nothing was worth telling yet.' : 'Nothing here matches.'}
            </p>
          ) : (
            <Table label="Notifications" columns={['When', 'What', 'How urgent', 'Where', 'Deliveries', 'More']}>
              {data.notifications.map((one) => (
                <Row key={one.id} notification={one} />
              ))}
            </Table>
          )
        }
      </Shown>
      <Command text={`liftlock notification list${state === '' ? '' : ` --state ${state}`}`} />
    </section>
  );
}

function Row({ notification }: { readonly notification: NotificationView }) {
  const { id, at, summary, severity, deliveries, foldedInto } = notification;
  return (
    <OpeningRow word="Attempts" of={id} columns={6} more={<Attempts id={id} />}>
      <td>
        <Ago at={at} />
      </td>
      <th scope="row" className="anywhere">
        {summary}
      </th>
      <td>
        <State tone={severityTones[severity]} word={severity} />
      </td>
      <td>
        <Where about={notification} />
      </td>
      <td>
        {foldedInto === null ? (
          <Outcomes notification={notification} deliveries={deliveries} />
        ) : (
          <span className="quiet">counted with the one before</span>
        )}
      </td>
    </OpeningRow>
  );
}

function Outcomes({
  notification,
  deliveries,
}: {
  readonly notification: NotificationView;
  readonly deliveries: readonly Delivery[];
}) {
  if (deliveries.length === 0) return <span className="quiet">no channel wanted it</span>;
  return (
    <ul className="stack tight">
      {deliveries.map(({ channel, state, because, nextAt }) => (
        <li key={channel} className="row">
          <State tone={deliveryTones[state]} word={state} /> {channel}
          {because === null || state === 'delivered' ? null : <span className="quiet small">{because}</span>}
          {nextAt === null ? null : (
            <span className="quiet small">
              again <Ago at={nextAt} />
            </span>
          )}
          {state === 'waiting' ? null : <Act action={redeliver(notification, channel)} />}
        </li>
      ))}
    </ul>
  );
}

function Attempts({ id }: { readonly id: string }) {
  const notification = useNotification(id);
  return (
    <Shown query={notification} what="the attempts">
      {({ attempts }) => (
        <div className="stack">
          {attempts.length === 0 ? (
            <p className="quiet">It was not tried yet.</p>
          ) : (
            <ol className="steps stack tight">
              {attempts.map(({ channel, round, number, begunAt, outcome, status, because }) => (
                <li key={`${channel} ${round} ${number}`}>
                  {channel}: {outcome ?? 'under way'}
                  {status === null ? '' : ` (${status})`}
                  {because === null ? '' : `: ${because}`}{' '}
                  <span className="quiet small">
                    <Ago at={begunAt} />
                  </span>
                </li>
              ))}
            </ol>
          )}
          <Command text={`liftlock notification show ${id}`} />
        </div>
      )}
    </Shown>
  );
}

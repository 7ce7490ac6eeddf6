/** Browsers that people are signed in with, and the way to sign one out. */
import type { SessionView } from '../../../src/api/contract/session.ts';
import { pathOf } from '../api/call.ts';
import { Act } from './act.tsx';
import type { Action } from './action.ts';
import { Ago } from './ago.tsx';
import { Table } from './table.tsx';

/** `whose` where they are of several people; `mayEnd` of the person who looks. */
export function Sessions({
  sessions,
  whose,
  mayEnd,
}: {
  readonly sessions: readonly SessionView[];
  readonly whose: boolean;
  readonly mayEnd: boolean;
}) {
  const columns = [...(whose ? ['Who'] : []), 'Browser', 'Signed in', 'Used', 'Ends', 'End it'];
  return (
    <Table label="Sessions" columns={columns}>
      {sessions.map((session) => (
        <tr key={session.id}>
          {whose ? <th scope="row">{session.person}</th> : null}
          {whose ? <td>{named(session)}</td> : <th scope="row">{named(session)}</th>}
          <td>
            <Ago at={session.startedAt} />
          </td>
          <td>
            <Ago at={session.lastUsedAt ?? session.startedAt} />
          </td>
          <td>
            <Ago at={session.expiresAt} />
          </td>
          <td>
            {session.current ? (
              <span className="quiet">this browser</span>
            ) : mayEnd ? (
              <Act action={endSession(session)} />
            ) : (
              <span className="quiet">—</span>
            )}
          </td>
        </tr>
      ))}
    </Table>
  );
}

function named({ browser }: SessionView): string {
  return browser ?? 'a browser that did not say which';
}

function endSession(session: SessionView): Action {
  const { id, person } = session;
  return {
    label: 'End session',
    explains: `${person} is signed out in ${named(session)} at once, and signs in there anew or not at all. Tokens stay as they are.`,
    path: pathOf('/api/v1/sessions/{session}/end', { session: id }),
    body: () => ({}),
    command: `liftlock session end ${id}`,
    reason: 'none',
  };
}

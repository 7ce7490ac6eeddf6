/** Oneself: what one may do, where one is signed in, the keys one signs with, and the tokens that act in one's name. */
import type { TokenView } from '../../../../src/api/contract/sign-in.ts';
import { change } from '../../api/call.ts';
import { noPasskeysHere } from '../../api/passkey.ts';
import { useProjectNames, useSelf } from '../../api/queries.ts';
import { useOwnSessions, usePasskeys, useTokens } from '../../api/records.ts';
import { Act } from '../../parts/act.tsx';
import { Ago } from '../../parts/ago.tsx';
import { Command } from '../../parts/command.tsx';
import { Sessions } from '../../parts/sessions.tsx';
import { Shown } from '../../parts/shown.tsx';
import { State } from '../../parts/state.tsx';
import { Table } from '../../parts/table.tsx';
import { createToken, enrolPasskey, removePasskey, revokeToken } from './actions.ts';

export default function You() {
  const self = useSelf();
  return (
    <Shown query={self} what="who you are" heading="You">
      {({ handle, name, rights }) => (
        <div className="stack">
          <section className="sheet stack" aria-labelledby="you">
            <h1 id="you">{name ?? handle}</h1>
            <p>
              Signed in as <strong>{handle}</strong>.{' '}
              {rights.length === 0
                ? 'You have no role yet: an administrator gives them.'
                : `Your roles: ${rights.map(({ role, project }) => `${role} ${project === null ? 'everywhere' : `in ${project}`}`).join(', ')}.`}
            </p>
            <div className="row">
              <button type="button" onClick={() => void signOut()}>
                Sign out
              </button>
              <Command text="liftlock whoami" />
            </div>
          </section>
          <Browsers />
          <Passkeys />
          <Tokens />
        </div>
      )}
    </Shown>
  );
}

async function signOut(): Promise<void> {
  await change('/api/v1/session/end', {}, crypto.randomUUID()).catch(() => undefined);
  location.assign('/sign-in');
}

function Browsers() {
  const sessions = useOwnSessions();
  return (
    <section className="sheet stack" aria-labelledby="sessions">
      <h2 id="sessions">Sessions</h2>
      <p className="quiet">Where you are signed in. End whatever you do not recognise.</p>
      <Shown query={sessions} what="your sessions">
        {(data) => <Sessions sessions={data.sessions} whose={false} mayEnd />}
      </Shown>
      <Command text="liftlock session list" />
    </section>
  );
}

function Passkeys() {
  const passkeys = usePasskeys();
  const why = noPasskeysHere();
  return (
    <section className="sheet stack" aria-labelledby="passkeys">
      <h2 id="passkeys">Passkeys</h2>
      <p className="quiet">
        With one, what you approve is signed by you: an outsider can check it without asking this server.
      </p>
      <Shown query={passkeys} what="your passkeys">
        {(data) =>
          data.passkeys.length === 0 ? (
            <p>You have none yet.{why === undefined ? ' The button below makes one, in this browser.' : ` ${why}`}</p>
          ) : (
            <Table label="Passkeys" columns={['Name', 'Enrolled', 'Used', 'Remove']}>
              {data.passkeys.map((passkey) => (
                <tr key={passkey.id}>
                  <th scope="row">{passkey.name}</th>
                  <td>
                    <Ago at={passkey.createdAt} />
                  </td>
                  <td>{passkey.lastUsedAt === null ? 'never' : <Ago at={passkey.lastUsedAt} />}</td>
                  <td>
                    <Act action={removePasskey(passkey)} />
                  </td>
                </tr>
              ))}
            </Table>
          )
        }
      </Shown>
      <div className="row">
        {why === undefined ? <Act action={enrolPasskey()} /> : null}
        <Command text="liftlock passkey list" />
      </div>
    </section>
  );
}

function Tokens() {
  const tokens = useTokens();
  const projects = useProjectNames();
  return (
    <section className="sheet stack" aria-labelledby="tokens">
      <h2 id="tokens">Tokens</h2>
      <p className="quiet">A program that holds one acts in your name, and never may more than you.</p>
      <Shown query={tokens} what="your tokens">
        {(data) =>
          data.tokens.length === 0 ? (
            <p>None yet. Signing in at a command line makes one, and so does the button below.</p>
          ) : (
            <Table label="Tokens" columns={['For', 'Limited to', 'Made', 'Used', 'Standing', 'End it']}>
              {data.tokens.map((token) => (
                <Row key={token.id} token={token} />
              ))}
            </Table>
          )
        }
      </Shown>
      <div className="row">
        <Act action={createToken(projects)} />
        <Command text="liftlock token list" />
      </div>
    </section>
  );
}

function Row({ token }: { readonly token: TokenView }) {
  const isOver = token.revokedAt !== null || token.expiresAt <= Date.now();
  return (
    <tr>
      <th scope="row">{token.name}</th>
      <td>
        {token.projects?.join(', ') ?? 'every project of yours'}
        {token.actions === null ? '' : `: ${token.actions.join(', ')}`}
      </td>
      <td>
        <Ago at={token.createdAt} />
      </td>
      <td>{token.lastUsedAt === null ? 'never' : <Ago at={token.lastUsedAt} />}</td>
      <td>
        {token.revokedAt === null ? (
          <>
            <State tone={isOver ? 'idle' : 'good'} word={isOver ? 'over' : 'good'} />{' '}
            <span className="quiet small">
              until <Ago at={token.expiresAt} />
            </span>
          </>
        ) : (
          <>
            <State tone="idle" word="ended" /> <Ago at={token.revokedAt} />
          </>
        )}
      </td>
      <td>{isOver ? <span className="quiet">—</span> : <Act action={revokeToken(token)} />}</td>
    </tr>
  );
}

import type { SessionView } from '../../api/contract/session.ts';
import { connect } from '../client.ts';
import { ago, table } from '../text/format.ts';
import type { Act } from '../invocation.ts';

export const list: Act = async (invocation) => {
  const { person, all } = invocation.options;
  const path =
    typeof person === 'string'
      ? `/api/v1/sessions?${new URLSearchParams({ person }).toString()}`
      : `/api/v1/${all === true ? '' : 'me/'}sessions`;
  const answer = await (await connect(invocation)).get<{ sessions: readonly SessionView[] }>(path);
  const now = Date.now();
  invocation.output.answer(answer, () =>
    answer.sessions.length === 0
      ? 'nobody is signed in with a browser'
      : table(answer.sessions.map((session) => lineOf(session, now))),
  );
  return 0;
};

export const end: Act = async (invocation) => {
  const [id] = invocation.arguments;
  const client = await connect(invocation);
  const answer = await client.post<{ session: string }>(`/api/v1/sessions/${encodeURIComponent(id!)}/end`, {});
  invocation.output.answer(answer, () => `ended: ${answer.session}`);
  return 0;
};

function lineOf(
  { id, person, browser, startedAt, lastUsedAt, expiresAt }: SessionView,
  now: number,
): readonly string[] {
  return [
    id,
    person,
    browser ?? 'an unnamed browser',
    `signed in ${ago(startedAt, now)}`,
    `last used ${ago(lastUsedAt ?? startedAt, now)}`,
    `ends ${ago(expiresAt, now)}`,
  ];
}

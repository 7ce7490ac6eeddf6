import type { NewTokenView, TokenView } from '../../api/contract/sign-in.ts';
import { Failure } from '../../domain/base/failure.ts';
import { clientOf, connect } from '../client.ts';
import { findServer } from '../credentials.ts';
import { ago, table } from '../text/format.ts';
import type { Act } from '../invocation.ts';

const path = '/api/v1/tokens';

export const list: Act = async (invocation) => {
  const answer = await (await connect(invocation)).get<{ tokens: readonly TokenView[] }>(path);
  const now = Date.now();
  invocation.output.answer(answer, () =>
    answer.tokens.length === 0 ? 'no tokens' : table(answer.tokens.map((token) => lineOf(token, now))),
  );
  return 0;
};

/** The token alone on standard output, so that it goes into a file without being seen. */
export const create: Act = async (invocation) => {
  const [name] = invocation.arguments;
  const { project, permission, days } = invocation.options;
  const client = await connect(invocation);
  const made = await client.post<NewTokenView>(path, {
    name,
    ...(typeof project === 'string' ? { projects: project.split(',') } : {}),
    ...(typeof permission === 'string' ? { actions: permission.split(',') } : {}),
    ...(typeof days === 'string' ? { days: Number(days) } : {}),
  });
  invocation.output.progress(`${made.id}, good until ${new Date(made.expiresAt).toISOString()}; it is told this once`);
  invocation.output.answer(made, () => made.token);
  return 0;
};

export const revoke: Act = async (invocation) => {
  const [id] = invocation.arguments;
  const client = await connect(invocation);
  const answer = await client.post<{ token: string }>(`${path}/${encodeURIComponent(id!)}/revoke`, {});
  invocation.output.answer(answer, () => `revoked: ${answer.token}`);
  return 0;
};

/** For a CI job: its system's identity token comes from standard input, ours goes to standard output. */
export const exchange: Act = async (invocation) => {
  const client = clientOf(await findServer(invocation));
  const made = await client.post<NewTokenView>('/api/v1/sign-in/ci', { token: await readInput() });
  invocation.output.progress(`${made.handle}, good until ${new Date(made.expiresAt).toISOString()}`);
  invocation.output.answer(made, () => made.token);
  return 0;
};

async function readInput(): Promise<string> {
  let text = '';
  for await (const chunk of process.stdin.setEncoding('utf8')) text += chunk;
  if (text.trim() !== '') return text.trim();
  throw new Failure('input/invalid', 'the identity token is read from standard input', {
    hint: 'printf %s "$ID_TOKEN" | liftlock token exchange',
  });
}

function lineOf(token: TokenView, now: number): readonly string[] {
  return [
    token.id,
    token.revokedAt !== null ? 'revoked' : token.expiresAt <= now ? 'expired' : `expires ${ago(token.expiresAt, now)}`,
    token.lastUsedAt === null ? 'never used' : `used ${ago(token.lastUsedAt, now)}`,
    [...(token.projects ?? ['every project']), ...(token.actions ?? [])].join(' '),
    token.name,
  ];
}

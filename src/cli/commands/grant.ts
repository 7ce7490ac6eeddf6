import type { GrantView } from '../../api/contract/people.ts';
import { connect } from '../client.ts';
import { table } from '../text/format.ts';
import type { Act, Invocation } from '../invocation.ts';
import { endOf } from '../text/time.ts';

const path = '/api/v1/grants';

export const list: Act = async (invocation) => {
  const { person, all } = invocation.options;
  const answer = await (
    await connect(invocation)
  ).get<{ grants: readonly GrantView[] }>(path, {
    person: typeof person === 'string' ? person : undefined,
    all: all === true ? 'true' : undefined,
  });
  invocation.output.answer(answer, () =>
    answer.grants.length === 0 ? 'nobody has a role' : table(answer.grants.map(lineOf)),
  );
  return 0;
};

export const add: Act = async (invocation) => {
  const [person, role] = invocation.arguments;
  const { until, reason } = invocation.options;
  const client = await connect(invocation);
  const grant = await client.post<GrantView>(path, {
    person,
    role,
    ...projectOf(invocation),
    ...(typeof until === 'string' ? { until: endOf(until) } : {}),
    ...(typeof reason === 'string' ? { reason } : {}),
  });
  invocation.output.answer(grant, () => lineOf(grant).join('  '));
  return 0;
};

export const revoke: Act = async (invocation) => {
  const [id] = invocation.arguments;
  const client = await connect(invocation);
  const answer = await client.post<{ grant: string }>(`${path}/${encodeURIComponent(id!)}/revoke`, {
    reason: invocation.options['reason'] ?? 'no reason given',
  });
  invocation.output.answer(answer, () => `revoked: ${answer.grant}`);
  return 0;
};

/** Only what is written: a role on every project must not come from a project that is left out somewhere else. */
function projectOf({ options }: Invocation): { project?: string } {
  return typeof options['project'] === 'string' ? { project: options['project'] } : {};
}

function lineOf(grant: GrantView): readonly string[] {
  const until = grant.until === null ? 'for ever' : `until ${new Date(grant.until).toISOString()}`;
  return [
    grant.id,
    grant.person,
    grant.role,
    grant.project === null ? 'every project' : `on ${grant.project}`,
    grant.revokedAt === null ? (grant.inForce ? until : 'over') : 'revoked',
    `by ${grant.by}`,
  ];
}

import type { MachineView } from '../../api/contract/people.ts';
import { Failure } from '../../domain/base/failure.ts';
import { connect } from '../client.ts';
import { table } from '../text/format.ts';
import type { Act } from '../invocation.ts';
import { projectPath } from '../project.ts';

const path = '/api/v1/machines';

export const list: Act = async (invocation) => {
  const answer = await (await connect(invocation)).get<{ machines: readonly MachineView[] }>(path);
  invocation.output.answer(answer, () =>
    answer.machines.length === 0 ? 'no machines' : table(answer.machines.map(lineOf)),
  );
  return 0;
};

export const add: Act = async (invocation) => {
  const [name] = invocation.arguments;
  const { issuer, audience, claim } = invocation.options;
  const client = await connect(invocation);
  const machine = await client.post<MachineView>(`${await projectPath(invocation, client)}/machines`, {
    name,
    issuer,
    audience,
    claims: claimsIn(claim as unknown as readonly string[]),
  });
  invocation.output.answer(machine, () => lineOf(machine).join('  '));
  return 0;
};

export const disable: Act = async (invocation) => {
  const [name] = invocation.arguments;
  const client = await connect(invocation);
  const machine = await client.post<MachineView>(`${path}/${encodeURIComponent(name!)}/disable`, {});
  invocation.output.answer(machine, () => `disabled: ${machine.handle}`);
  return 0;
};

function claimsIn(pairs: readonly string[]): Record<string, string> {
  const claims = pairs.map((pair) => {
    const [, name, value] = /^([^=]+)=(.+)$/s.exec(pair) ?? [];
    if (name !== undefined && value !== undefined) return [name, value] as const;
    throw new Failure('input/invalid', `${pair} is no claim`, { hint: '--claim repository_id=4711' });
  });
  return Object.fromEntries(claims);
}

function lineOf(machine: MachineView): readonly string[] {
  const claims = Object.entries(machine.claims).map(([name, value]) => `${name}=${value}`);
  return [
    machine.handle,
    machine.disabledAt === null ? '' : 'disabled',
    `on ${machine.project}`,
    machine.issuer,
    `for ${machine.audience}`,
    claims.join(' '),
  ];
}

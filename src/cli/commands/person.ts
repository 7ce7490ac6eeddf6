import type { PersonView } from '../../api/contract/people.ts';
import { connect } from '../client.ts';
import { table } from '../text/format.ts';
import type { Act, Invocation } from '../invocation.ts';

const path = '/api/v1/people';
const of = ({ arguments: [handle] }: Invocation) => `${path}/${encodeURIComponent(handle!)}`;

export const list: Act = async (invocation) => {
  const answer = await (await connect(invocation)).get<{ people: readonly PersonView[] }>(path);
  invocation.output.answer(answer, () =>
    table(
      answer.people.map((person) => [
        person.handle,
        person.disabledAt === null ? '' : 'disabled',
        person.name,
        rightsOf(person),
      ]),
    ),
  );
  return 0;
};

export const show: Act = async (invocation) => {
  const person = await (await connect(invocation)).get<PersonView>(of(invocation));
  return tell(invocation, person);
};

export const add: Act = async (invocation) => {
  const [handle] = invocation.arguments;
  const { name, email } = invocation.options;
  const client = await connect(invocation);
  const emails = typeof email === 'string' ? email.split(',') : [];
  const person = await client.post<PersonView>(path, { handle, name: name ?? handle, emails });
  if (!invocation.output.json)
    invocation.output.progress(
      `next: liftlock grant add ${person.handle} <role>, and liftlock person link ${person.handle}`,
    );
  return tell(invocation, person);
};

export const disable: Act = async (invocation) =>
  tell(invocation, await (await connect(invocation)).post<PersonView>(`${of(invocation)}/disable`, {}));

export const enable: Act = async (invocation) =>
  tell(invocation, await (await connect(invocation)).post<PersonView>(`${of(invocation)}/enable`, {}));

export const email: Act = async (invocation) => {
  const [, address] = invocation.arguments;
  const remove = invocation.options['remove'] === true;
  const client = await connect(invocation);
  return tell(invocation, await client.post<PersonView>(`${of(invocation)}/email`, { email: address, remove }));
};

export const link: Act = async (invocation) => {
  const client = await connect(invocation);
  const made = await client.post<{ path: string; expiresAt: number }>(`${of(invocation)}/link`, {});
  const url = `${client.url}${made.path}`;
  invocation.output.answer(
    { ...made, url },
    () =>
      `${url}\nsigns in once, until ${new Date(made.expiresAt).toISOString()}; in a terminal: liftlock login <link>`,
  );
  return 0;
};

function tell({ output }: Invocation, person: PersonView): number {
  output.answer(person, () =>
    table([
      ['handle', person.handle],
      ['name', person.name],
      ['addresses', person.emails.join(', ') || 'none: commits are not recognised'],
      ['roles', rightsOf(person)],
      ...(person.disabledAt === null ? [] : [['disabled', new Date(person.disabledAt).toISOString()]]),
    ]),
  );
  return 0;
}

function rightsOf({ rights }: PersonView): string {
  return rights.map(({ role, project }) => (project === null ? role : `${role} on ${project}`)).join(', ') || 'no role';
}

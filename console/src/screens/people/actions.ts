/** Who may sign in and what they may do, in the words of the command line. */
import type { GrantView, PersonView } from '../../../../src/api/contract/people.ts';
import { pathOf } from '../../api/call.ts';
import { quoted, type Action, type Given } from '../../parts/action.ts';
import { listOf, option, orDots } from '../../parts/filled.ts';

const of = (person: string, verb: string) => pathOf(`/api/v1/people/{person}/${verb}`, { person });
const everywhere = 'every project';

export function addPerson(): Action {
  return {
    label: 'Add a person',
    explains: 'The person is known from then on, and sees nothing before a role is given.',
    path: '/api/v1/people',
    fields: [
      { name: 'handle', label: 'Handle', is: 'line', needed: true },
      { name: 'name', label: 'Name in full', is: 'line', needed: true },
      {
        name: 'emails',
        label: 'Addresses, separated by commas',
        is: 'line',
        hint: 'Authors of commits are known by them.',
      },
    ],
    body: (_, { handle, name, emails }) => ({ handle, name, emails: listOf(emails) }),
    command: ({ handle, name, emails }) =>
      [
        `liftlock person add ${orDots(handle)}`,
        ...option('name', name),
        ...option('email', listOf(emails).join()),
      ].join(' '),
    reason: 'none',
  };
}

/** The link is a secret: it is told once, and good once. */
export function linkPerson({ handle }: PersonView): Action {
  return {
    label: 'Make a link',
    explains: `Whoever has the link signs in as ${handle}, once. Give it to ${handle} alone.`,
    path: of(handle, 'link'),
    body: () => ({}),
    command: `liftlock person link ${quoted(handle)}`,
    reason: 'none',
    brings: ({ path }: { path: string }) => [
      { label: 'The link. It is told this once.', text: `${location.origin}${path}` },
    ],
  };
}

export function changeEmail({ handle }: PersonView): Action {
  return {
    label: 'Addresses',
    explains: `By these addresses commits are known to be of ${handle}, who then does not approve them.`,
    path: of(handle, 'email'),
    fields: [
      { name: 'email', label: 'Address', is: 'line', needed: true },
      { name: 'remove', label: 'Remove it', is: 'yes' },
    ],
    body: (_, { email, remove }) => ({ email, remove: remove === 'yes' }),
    command: ({ email, remove }) =>
      `liftlock person email ${quoted(handle)} ${orDots(email)}${remove === 'yes' ? ' --remove' : ''}`,
    reason: 'none',
  };
}

export function setDisabled({ handle, disabledAt }: PersonView): Action {
  const verb = disabledAt === null ? 'disable' : 'enable';
  return {
    label: disabledAt === null ? 'Disable' : 'Enable',
    explains:
      disabledAt === null
        ? `Nobody signs in as ${handle} any more; tokens and sessions end at once.`
        : `${handle} signs in again, with the roles that are still in force.`,
    path: of(handle, verb),
    body: () => ({}),
    command: `liftlock person ${verb} ${quoted(handle)}`,
    reason: 'none',
  };
}

export function addGrant(people: readonly string[], roles: readonly string[], projects: readonly string[]): Action {
  return {
    label: 'Give a role',
    explains: 'It counts at once, for ever or until a time.',
    path: '/api/v1/grants',
    fields: [
      { name: 'person', label: 'To', is: 'choice', choices: people },
      { name: 'role', label: 'Role', is: 'choice', choices: roles },
      { name: 'project', label: 'On', is: 'choice', choices: [...projects, everywhere] },
      { name: 'until', label: 'Until', is: 'time', hint: 'Empty: until it is taken back.' },
    ],
    body: (reason, { person, role, project, until = '' }) => ({
      person,
      role,
      ...(project === everywhere ? {} : { project }),
      ...(until === '' ? {} : { until: Date.parse(until) }),
      ...(reason === '' ? {} : { reason }),
    }),
    command: ({ person, role, project = '', until, reason }: Given) =>
      [
        `liftlock grant add ${orDots(person)} ${role}`,
        ...(project === everywhere ? [] : option('project', project)),
        ...option('until', until),
        ...option('reason', reason),
      ].join(' '),
    reason: 'welcome',
  };
}

export function revokeGrant(grant: GrantView): Action {
  return {
    label: 'Revoke',
    explains: `${grant.person} is no longer ${grant.role} ${grant.project === null ? 'anywhere' : `in ${grant.project}`}, at once.`,
    path: pathOf('/api/v1/grants/{grant}/revoke', { grant: grant.id }),
    body: (reason) => ({ reason }),
    command: `liftlock grant revoke ${grant.id} --reason {reason}`,
    reason: 'needed',
  };
}

import type { PasskeyView } from '../../../../src/api/contract/passkeys.ts';
import type { NewTokenView, TokenView } from '../../../../src/api/contract/sign-in.ts';
import { change, pathOf } from '../../api/call.ts';
import { makePasskey } from '../../api/passkey.ts';
import type { Action, Given } from '../../parts/action.ts';
import { listOf, option, orDots } from '../../parts/filled.ts';

const passkeys = '/api/v1/passkeys';

export function enrolPasskey(): Action {
  return {
    label: 'Enrol a passkey',
    explains: 'Your browser asks for a finger, a face, a PIN or a security key, and keeps a key for this page alone.',
    path: passkeys,
    fields: [{ name: 'name', label: 'Name, such as laptop', is: 'line', needed: true }],
    body: () => undefined,
    // The browser is asked between two requests, so that this is no single one.
    send: async ({ name = '' }: Given, key) => {
      const { challenge, options } = await change<{ challenge: string; options: unknown }>(
        `${passkeys}/begin`,
        {},
        crypto.randomUUID(),
      );
      return change(passkeys, { challenge, name, answer: await makePasskey(options) }, key);
    },
    command: 'liftlock passkey list',
    reason: 'none',
    primary: true,
  };
}

export function removePasskey({ id, name }: PasskeyView): Action {
  return {
    label: `Remove ${name}`,
    explains: `${name} signs nothing any more, and cannot be enrolled again. What it signed stays as it is.`,
    path: `${passkeys}/remove`,
    body: () => ({ passkey: id }),
    command: `liftlock passkey remove ${id}`,
    reason: 'none',
  };
}

export function createToken(projects: readonly string[]): Action {
  return {
    label: 'Make a token',
    explains: 'For a program. It is told once, may what you may or less, and ends when you say, or when you leave.',
    path: '/api/v1/tokens',
    fields: [
      { name: 'name', label: 'What it is for', is: 'line', needed: true },
      { name: 'days', label: 'Good for this many days', is: 'number', begins: '90', needed: true },
      {
        name: 'projects',
        label: 'Only for these projects',
        is: 'several',
        choices: projects,
        hint: 'None: every project of yours.',
      },
      {
        name: 'actions',
        label: 'Only for these actions, separated by commas',
        is: 'line',
        hint: 'Such as project:read. None: everything that you may.',
      },
    ],
    body: (_, { name, days, projects: only = '', actions = '' }) => ({
      name,
      days: Number(days),
      ...(only === '' ? {} : { projects: listOf(only) }),
      ...(actions.trim() === '' ? {} : { actions: listOf(actions) }),
    }),
    command: ({ name, days = '', projects: only, actions }) =>
      [
        `liftlock token create ${orDots(name)} --days ${days}`,
        ...option('project', only),
        ...option('permission', listOf(actions).join()),
      ].join(' '),
    reason: 'none',
    brings: ({ token }: NewTokenView) => [{ label: 'The token. It is told this once.', text: token }],
  };
}

export function revokeToken({ id, name }: TokenView): Action {
  return {
    label: `End ${name}`,
    explains: `Whatever holds the token ${name} is no longer let in.`,
    path: pathOf('/api/v1/tokens/{token}/revoke', { token: id }),
    body: () => ({}),
    command: `liftlock token revoke ${id}`,
    reason: 'none',
  };
}

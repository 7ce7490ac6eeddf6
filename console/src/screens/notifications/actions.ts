/** Who is told what, in the words of the command line. */
import type { ChannelView, NotificationView, SettingsInput } from '../../../../src/api/contract/notifications.ts';
import type { EnvironmentKind } from '../../../../src/domain/pipeline/environment.ts';
import { pathOf } from '../../api/call.ts';
import { quoted, type Action, type Given } from '../../parts/action.ts';
import { listOf, option, orDots } from '../../parts/filled.ts';

const kinds = ['webhook', 'e-mail', 'command'] as const;
const environmentKinds: readonly EnvironmentKind[] = [
  'development',
  'testing',
  'qa',
  'ci',
  'staging',
  'production',
  'disaster-recovery',
];
const wholeInstallation = 'the whole installation';

const is = (kind: (typeof kinds)[number]) => (given: Given) => given['kind'] === kind;

export function addChannel(projects: readonly string[]): Action {
  return {
    label: 'Add a channel',
    explains: 'It hears of what happens from now on. Secrets are named here and kept on the machine that delivers.',
    path: '/api/v1/channels',
    fields: [
      { name: 'kind', label: 'Tell by', is: 'choice', choices: kinds },
      { name: 'name', label: 'Name', is: 'line', needed: true, hint: 'Small letters, digits and "-".' },
      { name: 'project', label: 'About', is: 'choice', choices: [...projects, wholeInstallation] },
      {
        name: 'url',
        label: 'Address',
        is: 'line',
        needed: true,
        hint: '{NAME} in its path stands for the secret of that name.',
        when: is('webhook'),
      },
      { name: 'smtp', label: 'Mail server, host:port', is: 'line', needed: true, when: is('e-mail') },
      {
        name: 'security',
        label: 'Its connection',
        is: 'choice',
        choices: ['tls', 'starttls', 'none'],
        when: is('e-mail'),
      },
      { name: 'from', label: 'From', is: 'line', needed: true, when: is('e-mail') },
      { name: 'to', label: 'To, separated by commas', is: 'line', when: is('e-mail') },
      { name: 'deciders', label: 'Also to those who could decide what waits', is: 'yes', when: is('e-mail') },
      { name: 'user', label: 'Sign in at the mail server as', is: 'line', when: is('e-mail') },
      { name: 'command', label: 'Command line', is: 'line', needed: true, when: is('command') },
      { name: 'secret', label: 'Name of the secret that signs', is: 'line', needed: true, when: is('webhook') },
      {
        name: 'secret',
        label: 'Name of its secret',
        is: 'line',
        hint: 'The password of the user, or a variable of the command.',
        when: (given) => given['kind'] !== 'webhook',
      },
      { name: 'severity', label: 'From this severity on', is: 'choice', choices: ['info', 'warning', 'page'] },
      {
        name: 'kinds',
        label: 'Only of environments of these kinds',
        is: 'several',
        choices: environmentKinds,
        hint: 'None: of any kind.',
      },
    ],
    body: (_, given) => ({
      ...(given['project'] === wholeInstallation ? {} : { project: given['project'] }),
      name: given['name'],
      settings: settingsOf(given),
      routes: [{ atLeast: given['severity'], kinds: listOf(given['kinds']) }],
    }),
    command: commandOf,
    reason: 'none',
  };
}

function settingsOf(given: Given): SettingsInput {
  const { kind, url = '', secret = '', smtp = '', from = '', user = '', command = '' } = given;
  if (kind === 'webhook') return { kind: 'webhook', url, secret };
  const named = secret === '' ? {} : { secret };
  if (kind === 'command') return { kind: 'command', command, ...named };
  const [, host = smtp, port] = /^(.*):(\d+)$/.exec(smtp) ?? [];
  const security = given['security'] as 'tls' | 'starttls' | 'none';
  return {
    kind: 'email',
    host,
    port: Number(port ?? (security === 'tls' ? 465 : 587)),
    security,
    from,
    to: listOf(given['to']),
    deciders: given['deciders'] === 'yes',
    ...(user === '' ? {} : { user }),
    ...named,
  };
}

function commandOf(given: Given): string {
  const { kind, project = '', name } = given;
  const own =
    kind === 'webhook'
      ? option('webhook', given['url'])
      : kind === 'command'
        ? option('command', given['command'])
        : [
            ...option('email', listOf(given['to']).join(',')),
            ...option('smtp', given['smtp']),
            ...option('security', given['security']),
            ...option('from', given['from']),
            ...option('user', given['user']),
            ...(given['deciders'] === 'yes' ? ['--deciders'] : []),
          ];
  return [
    project === wholeInstallation ? 'liftlock' : `liftlock -p ${quoted(project)}`,
    `channel add ${orDots(name)}`,
    ...own,
    ...option('secret', given['secret']),
    ...(given['severity'] === 'info' ? [] : option('severity', given['severity'])),
    ...option('kind', given['kinds']),
    ...(project === wholeInstallation ? ['--installation'] : []),
  ].join(' ');
}

export function testChannel({ name }: ChannelView): Action {
  return {
    label: 'Test',
    explains: `A notification goes through ${name} alone. What came of it is in the list below.`,
    path: pathOf('/api/v1/channels/{channel}/test', { channel: name }),
    body: () => ({}),
    command: `liftlock channel test ${name}`,
    reason: 'none',
  };
}

export function removeChannel({ name }: ChannelView): Action {
  return {
    label: 'Remove',
    explains: `${name} is told nothing any more, and what still waits for it is given up.`,
    path: pathOf('/api/v1/channels/{channel}/remove', { channel: name }),
    body: () => ({}),
    command: `liftlock channel remove ${name}`,
    reason: 'none',
  };
}

export function redeliver({ id }: NotificationView, channel: string): Action {
  return {
    label: 'Deliver again',
    explains: `It goes through ${channel} once more.`,
    path: pathOf('/api/v1/notifications/{notification}/redeliver', { notification: id }),
    body: () => ({ channel }),
    command: `liftlock notification redeliver ${id} --channel ${channel}`,
    reason: 'none',
  };
}

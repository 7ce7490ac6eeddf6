import type { ChannelView, NotificationView, SettingsInput } from '../../api/contract/notifications.ts';
import { Failure } from '../../domain/base/failure.ts';
import { mailSecurities } from '../../domain/notification/channel.ts';
import { connect, type Client } from '../client.ts';
import { ago, table } from '../text/format.ts';
import type { Act, Invocation } from '../invocation.ts';
import { projectPath } from '../project.ts';

const path = '/api/v1/channels';
const of = ({ arguments: [name] }: Invocation) => `${path}/${encodeURIComponent(name!)}`;

export const add: Act = async (invocation) => {
  const { options, output } = invocation;
  const client = await connect(invocation);
  const channel = await client.post<ChannelView>(path, {
    name: invocation.arguments[0],
    ...(options['installation'] === true ? {} : { project: await projectName(invocation, client) }),
    settings: settingsOf(options),
    routes: [
      {
        atLeast: options['severity'] ?? 'info',
        kinds: listOf(options['kind']),
        environments: listOf(options['environment']),
      },
    ],
  });
  output.answer(
    channel,
    () => `channel ${channel.name} to ${channel.to}; liftlock channel test ${channel.name} tries it`,
  );
  return 0;
};

export const list: Act = async (invocation) => {
  const answer = await (await connect(invocation)).get<{ channels: readonly ChannelView[] }>(path);
  invocation.output.answer(answer, () =>
    answer.channels.length === 0
      ? 'no channel: nobody is told'
      : table(
          answer.channels.map((channel) => [
            channel.name,
            channel.project ?? 'installation',
            channel.kind,
            channel.to,
            channel.routes.map(routeText).join('; '),
            standing(channel),
          ]),
        ),
  );
  return 0;
};

export const remove: Act = async (invocation) => {
  const answer = await (await connect(invocation)).post<{ channel: string }>(`${of(invocation)}/remove`, {});
  invocation.output.answer(answer, () => `removed: ${answer.channel}`);
  return 0;
};

const patienceMs = 30_000;
const pauseMs = 300;

/** Waits for the first attempt: whoever tries a channel wants to know whether it works. */
export const test: Act = async (invocation) => {
  const { output } = invocation;
  const client = await connect(invocation);
  const { channel, at } = await client.post<{ channel: string; at: number }>(`${of(invocation)}/test`, {});
  for (const deadline = Date.now() + patienceMs; Date.now() < deadline;) {
    const { notifications } = await client.get<{ notifications: readonly NotificationView[] }>(
      '/api/v1/notifications',
      { channel, limit: 20 },
    );
    const sent = notifications.find((one) => one.kind === 'channel.tested' && one.at === at);
    const delivery = sent?.deliveries[0];
    if (sent !== undefined && delivery?.state === 'delivered') {
      output.answer(sent, () => `${channel} took it: ${sent.id}`);
      return 0;
    }
    if (sent !== undefined && delivery !== undefined && delivery.because !== null) {
      output.answer(sent, () => `${channel} did not take it: ${delivery.because}`);
      return 1;
    }
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
  throw new Failure('wait/gave-up', `nobody has tried ${channel} within ${patienceMs / 1_000} seconds`, {
    hint: 'a worker delivers; liftlock notification list',
  });
};

function settingsOf(options: Invocation['options']): SettingsInput {
  const text = (name: string): string | undefined => (typeof options[name] === 'string' ? options[name] : undefined);
  const [webhook, email, command, secret] = [text('webhook'), text('email'), text('command'), text('secret')];
  const deciders = options['deciders'] === true;
  const mail = email !== undefined || deciders;
  if ([webhook !== undefined, mail, command !== undefined].filter(Boolean).length !== 1)
    throw new Failure('input/invalid', 'a channel is one of --webhook, --email (or --deciders) and --command');
  if (webhook !== undefined) {
    if (secret === undefined)
      throw new Failure('input/invalid', 'a webhook is signed', { hint: '--secret <name of a secret>' });
    return { kind: 'webhook', url: webhook, secret };
  }
  const optional = secret === undefined ? {} : { secret };
  if (command !== undefined) return { kind: 'command', command, ...optional };
  const [host, port] = serverOf(text('smtp'));
  const from = text('from');
  const security = mailSecurities.find((one) => one === (text('security') ?? (port === 465 ? 'tls' : 'starttls')));
  const user = text('user');
  if (from === undefined || security === undefined)
    throw new Failure('input/invalid', 'e-mail needs --from, and --security is one of tls, starttls, none');
  return {
    kind: 'email',
    host,
    port,
    security,
    from,
    to: [...listOf(options['email'])],
    deciders,
    ...(user === undefined ? {} : { user }),
    ...optional,
  };
}

function serverOf(text: string | undefined): readonly [host: string, port: number] {
  const parts = /^(.+):(\d{1,5})$/.exec(text ?? '');
  if (parts === null)
    throw new Failure('input/invalid', 'e-mail needs a server', { hint: '--smtp mail.example.org:587' });
  return [parts[1]!, Number(parts[2])];
}

async function projectName(invocation: Invocation, client: Client): Promise<string> {
  return decodeURIComponent((await projectPath(invocation, client)).split('/').at(-1)!);
}

function listOf(option: string | boolean | undefined): readonly string[] {
  return typeof option === 'string' ? option.split(',').map((part) => part.trim()) : [];
}

function routeText({ atLeast, kinds, environments }: ChannelView['routes'][number]): string {
  const where = [...kinds, ...environments].join(', ');
  return `${atLeast === 'info' ? 'everything' : atLeast === 'page' ? 'pages' : 'warnings and pages'}${where === '' ? '' : ` of ${where}`}`;
}

function standing({ disabled, dead }: ChannelView): string {
  if (disabled !== null) return `disabled ${ago(disabled.at, Date.now())}: ${disabled.because}`;
  return dead === 0 ? '' : `${dead} could not be delivered`;
}

/** Commands about who is told what, and whether it arrived. */
import type { Command } from 'commander';
import type { Act, Load } from '../invocation.ts';

type Perform = (load: Load, command: Command) => Promise<void>;

export function addNotifications(program: Command, perform: Perform): void {
  const member = (parent: Command, [usage, summary]: readonly [string, string], load: () => Promise<Act>): Command => {
    const command = parent.command(usage).description(summary);
    return command.action(() => perform(async () => ({ act: await load() }), command));
  };
  const group = (name: string, summary: string): Command =>
    program.command(name).description(summary).addHelpCommand(false);

  const channel = group('channel', 'where notifications go: add, list, remove, test');
  const ofChannel = (name: 'add' | 'list' | 'remove' | 'test') => async () =>
    (await import('../commands/channel.ts'))[name];
  member(channel, ['add <name>', 'tell through a webhook, by e-mail or by a command'], ofChannel('add'))
    .option('--webhook <url>', 'POST a CloudEvent, signed; {NAME} in its path stands for a secret')
    .option('--email <addresses>', 'send to these addresses, separated by commas')
    .option('--deciders', 'by e-mail to those who could decide what waits for a decision')
    .option('--smtp <host:port>', 'the server that takes the e-mail')
    .option('--from <address>', 'the sender of the e-mail')
    .option('--security <how>', 'tls, starttls or none (default: tls on port 465, else starttls)')
    .option('--user <name>', 'sign in at the server; --secret names the password')
    .option('--command <line>', 'run this where the worker runs, once for a notification')
    .option('--secret <name>', 'name of the secret: signs a webhook, is a password, or a variable of the command')
    .option('--severity <least>', 'from this on: info, warning or page', 'info')
    .option('--kind <kinds>', 'of environments of these kinds only, separated by commas')
    .option('-e, --environment <names>', 'of these environments only, separated by commas')
    .option('--installation', 'for every project, and what is about none');
  member(channel, ['list', 'all of them, and whether they work'], ofChannel('list'));
  member(channel, ['remove <name>', 'tell nothing there any more'], ofChannel('remove'));
  member(channel, ['test <name>', 'send a notification through it, and wait for what comes of it'], ofChannel('test'));

  const notification = group('notification', 'what was told, and whether it arrived: list, show, redeliver');
  const ofNotification = (name: 'list' | 'show' | 'redeliver') => async () =>
    (await import('../commands/notification.ts'))[name];
  member(notification, ['list', 'newest first'], ofNotification('list'))
    .option('--channel <name>', 'through this channel')
    .option('--state <state>', 'waiting, delivered or dead')
    .option('-n, --number <count>', 'how many', '20');
  member(notification, ['show <notification>', 'one of them with every attempt'], ofNotification('show'));
  member(
    notification,
    ['redeliver <notification>', 'deliver what could not be delivered'],
    ofNotification('redeliver'),
  ).option('--channel <name>', 'to this channel, even if it was delivered');
}

/** Commands about secrets: of environments and channels, and those with which a forge signs. */
import type { Command } from 'commander';
import type { Load } from '../invocation.ts';
import { duration } from './option-values.ts';

export function addSecrets(program: Command, act: (load: Load, command: Command) => Promise<void>): void {
  const secret = program
    .command('secret')
    .description('secrets for the environments of this machine: set')
    .addHelpCommand(false);
  const set = secret
    .command('set <name>')
    .description('reads the value from standard input')
    .option('-e, --environment <name>', 'for this environment only')
    .option('--installation', 'for channels of the whole installation');
  set.action(() => act(() => import('../commands/secret-set.ts'), set));
}

export function addWebhooks(program: Command, act: (load: Load, command: Command) => Promise<void>): void {
  const webhook = program
    .command('webhook')
    .description('secrets with which a forge tells that the repository has changed: add, list, remove')
    .addHelpCommand(false);
  const add = webhook
    .command('add <provider>')
    .description('make one for github, gitlab, gitea, forgejo or bitbucket; its secret is shown once')
    .option('--overlap <duration>', 'earlier ones of this provider end after this long, e.g. 24h', duration);
  add.action(() => act(() => import('../commands/webhook-add.ts'), add));
  const list = webhook.command('list').description('those that count, without their secrets');
  list.action(() => act(() => import('../commands/webhook-list.ts'), list));
  const remove = webhook.command('remove <webhook>').description('believe it no longer');
  remove.action(() => act(() => import('../commands/webhook-remove.ts'), remove));
}

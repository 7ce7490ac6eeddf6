/** Commands for emergencies (the way around gates, the look back afterwards), and for the keys that approvals are signed with. */
import type { Command } from 'commander';
import type { Load } from '../invocation.ts';
import { duration } from './option-values.ts';

export function addEmergency(program: Command, act: (load: Load, command: Command) => Promise<void>): void {
  const glass = program
    .command('break-glass')
    .description('pass named gates in an emergency, by two people: request, confirm, list')
    .addHelpCommand(false);
  const request = glass
    .command('request <release> <environment>')
    .description('the first of two people asks; nothing is passed yet')
    .requiredOption('--gates <names>', 'which gates, e.g. approval,window')
    .requiredOption('--incident <url>', 'where the emergency is written down')
    .requiredOption('-r, --reason <text>', 'why; it is recorded')
    .option('--expires <duration>', 'good for this long, at most 24h', duration, '1h');
  request.action(() => act(() => import('../commands/break-glass-request.ts'), request));
  const confirm = glass.command('confirm <break-glass>').description('the second person; what waits goes on at once');
  confirm.action(() => act(() => import('../commands/break-glass-confirm.ts'), confirm));
  const list = glass.command('list').description('newest first');
  list.action(() => act(() => import('../commands/break-glass-list.ts'), list));

  const passkey = program
    .command('passkey')
    .description('your passkeys, which are enrolled in a browser: list, remove')
    .addHelpCommand(false);
  const own = passkey.command('list').description('yours');
  own.action(() => act(() => import('../commands/passkey-list.ts'), own));
  const remove = passkey.command('remove <passkey>').description('for good; it cannot be enrolled again');
  remove.action(() => act(() => import('../commands/passkey-remove.ts'), remove));

  const followUp = program
    .command('follow-up')
    .description('look back at an emergency: list, close')
    .addHelpCommand(false);
  const open = followUp.command('list').description('open ones first');
  open.action(() => act(() => import('../commands/follow-up-list.ts'), open));
  const close = followUp
    .command('close <follow-up>')
    .description('write down what was learnt')
    .requiredOption('--conclusion <text>', 'what was learnt; it is recorded');
  close.action(() => act(() => import('../commands/follow-up-close.ts'), close));
}

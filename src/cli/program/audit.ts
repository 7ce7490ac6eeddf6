/** The commands of the audit log. */
import type { Command } from 'commander';
import type { Load } from '../invocation.ts';

type Shape = (command: Command) => Command;

const output: Shape = (command) =>
  command.option('-o, --output <file>', 'write to this file (default: standard output)');
const key: Shape = (command) =>
  command.option('-k, --key <file>', 'public keys that you kept, as `liftlock audit key` prints them');

export function addAudit(program: Command, act: (load: Load, command: Command) => Promise<void>): void {
  const audit = program
    .command('audit')
    .description(
      'the audit log, and checking it: verify, checkpoint, key, export, proof, verify-proof, verify-bundle, erase',
    )
    .addHelpCommand(false);
  const add = (usage: string, summary: string, load: Load): Command => {
    const command = audit.command(usage).description(summary);
    return command.action(() => act(load, command));
  };
  key(add('verify', 'check that nothing was changed, here or in a file', () => import('../commands/audit-verify.ts')))
    .option('-l, --log <file>', 'check this exported log, without a server')
    .option('-c, --checkpoint <file>', 'and against these checkpoints, which you kept');
  output(
    add(
      'checkpoint',
      'the newest signed checkpoint, to be kept elsewhere',
      () => import('../commands/audit-checkpoint.ts'),
    ),
  ).option('--all', 'every one, oldest first');
  add('key', 'the public keys that check its signatures', () => import('../commands/audit-key.ts'));
  output(add('export', 'the log as a file', () => import('../commands/audit-export.ts')))
    .option('--jsonl', 'one entry a line, which `audit verify --log` checks (default)')
    .option('--csv', 'for spreadsheets')
    .option('--cloudevents', 'CloudEvents 1.0, one a line')
    .option('-r, --release <release>', 'only what is about this release')
    .option('-s, --since <time>', 'only from a time on, such as 2026-11-01, or a length of time ago, such as 30d');
  output(
    add(
      'proof <event>',
      'proves that an event (its id, or the number of its entry) is in the log',
      () => import('../commands/audit-proof.ts'),
    ),
  );
  key(
    add(
      'verify-proof <file>',
      'check such a proof, without a server',
      () => import('../commands/audit-verify-proof.ts'),
    ),
  );
  key(
    add(
      'verify-bundle <file>',
      'check the exported record of a release, without a server',
      () => import('../commands/audit-verify-bundle.ts'),
    ),
  );
  add('erase <person>', 'erase what the event log says about a person', () => import('../commands/audit-erase.ts'))
    .option('--also-known-as <names>', 'names and addresses that are not on record, separated by commas')
    .option('--texts', 'and the reasons and notes that this person wrote')
    .option('-r, --reason <text>', 'why; it is recorded')
    .option('-y, --yes', 'do not ask')
    .option('--no-input', 'never ask; fail instead');
}

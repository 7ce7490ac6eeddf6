/** `liftlock release …`: releases and where they have been. */
import type { Command } from 'commander';
import type { Load } from '../invocation.ts';
import { whole } from './option-values.ts';
import { addSigning } from './signing.ts';

export function addReleases(program: Command, act: (load: Load, command: Command) => Promise<void>): void {
  const release = program
    .command('release')
    .description('releases and where they have been: list, show, sign, export')
    .addHelpCommand(false);
  const list = release
    .command('list')
    .description('newest first')
    .option('-n, --number <count>', 'how many', whole, '20');
  list.action(() => act(() => import('../commands/release-list.ts'), list));
  const show = release.command('show <release>').description('one release: its journey and its evidence');
  show.action(() => act(() => import('../commands/release-show.ts'), show));
  const exporting = release
    .command('export <release>')
    .description('its record and the proofs of it, as one signed file')
    .option('-o, --output <file>', 'write to this file (default: standard output)');
  addSigning(release, act);
  exporting.action(() => act(() => import('../commands/release-export.ts'), exporting));
}

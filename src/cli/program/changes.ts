/** Commands about changes: what people say of them, accept before them and read after them. */
import type { Command } from 'commander';
import type { Load } from '../invocation.ts';

type Perform = (load: Load, command: Command) => Promise<void>;

export function addChanges(program: Command, act: Perform): void {
  const add = (usage: string, summary: string, load: Load): Command => {
    const command = program.command(usage).description(summary);
    return command.action(() => act(load, command));
  };
  add(
    'review <release>',
    'review the commits of a release; shows them unless told otherwise',
    () => import('../commands/review.ts'),
  )
    .option('--approve', 'they may go on')
    .option('--request-changes', 'they may not, until you approve')
    .option('-e, --environment <name>', 'new since what runs there (default: the first that asks for review)')
    .option('-r, --reason <text>', 'why; it is recorded');
  add(
    'sign-off <release> <environment>',
    'say as QA that a release, tried there, may go on',
    () => import('../commands/sign-off.ts'),
  )
    .option('--refuse', 'say that it may not')
    .option('-r, --reason <text>', 'what was tried; it is recorded');
  add('suppress [finding]', 'answer for a finding of a scan, for a time', () => import('../commands/suppress.ts'))
    .option('--until <time>', 'a time such as 2026-12-24T08:00Z, or a length such as 4w; at most a year')
    .option('--lift', 'answer for it no longer')
    .option('--list', 'list those that somebody answers for')
    .option('-r, --reason <text>', 'why; it is recorded');
  addNotes(program, act);
  addChange(program, act);
}

export function addPipeline(program: Command, act: Perform): void {
  const pipeline = program
    .command('pipeline')
    .description('the file in force, and one that waits for a second person: show, diff, approve, reject')
    .addHelpCommand(false);
  const show = pipeline.command('show').description('the file in force');
  show.action(() => act(() => import('../commands/pipeline-show.ts'), show));
  const diff = pipeline.command('diff').description('what waits: what it weakens, and every line that differs');
  diff.action(() => act(() => import('../commands/pipeline-diff.ts'), diff));
  for (const verb of ['approve', 'reject'] as const) {
    const summary =
      verb === 'approve' ? 'put what waits in force' : 'end what waits, your own, too; what is in force stays so';
    const command = pipeline
      .command(verb)
      .description(summary)
      .option('--digest <digest>', 'exactly this proposal; refused when it is another one by now')
      .option('-r, --reason <text>', 'why; it is recorded');
    const load =
      verb === 'approve'
        ? () => import('../commands/pipeline-approve.ts')
        : () => import('../commands/pipeline-reject.ts');
    command.action(() => act(load, command));
  }
}

function addNotes(program: Command, act: Perform): void {
  const notes = program
    .command('notes')
    .description('release notes of a release for an environment: show, edit, accept')
    .addHelpCommand(false);
  const show = notes.command('show <release> <environment>').description('what is recorded, or would be generated');
  show.action(() => act(() => import('../commands/notes-show.ts'), show));
  const edit = notes
    .command('edit <release> <environment>')
    .description('put your own text in their place, from a file or standard input')
    .option('--file <path>', 'Markdown');
  edit.action(() => act(() => import('../commands/notes-edit.ts'), edit));
  const accept = notes
    .command('accept <release> <environment>')
    .description('accept them as they are')
    .option('--digest <digest>', 'exactly this text; refused when it is another one by now');
  accept.action(() => act(() => import('../commands/notes-accept.ts'), accept));
}

function addChange(program: Command, act: Perform): void {
  const change = program
    .command('change')
    .description('records of what changed production: list, show, export')
    .addHelpCommand(false);
  const list = change.command('list').description('newest first').option('-n, --number <count>', 'how many', '20');
  list.action(() => act(() => import('../commands/change-list.ts'), list));
  const show = change.command('show <change>').description('one, by number or promotion');
  show.action(() => act(() => import('../commands/change-show.ts'), show));
  const exporting = change
    .command('export <change>')
    .description('its whole record as canonical JSON')
    .option('--file <path>', 'write it there instead of to standard output')
    .option('--signed', 'with proofs, as one signed file that audit verify-bundle checks');
  exporting.action(() => act(() => import('../commands/change-export.ts'), exporting));
}

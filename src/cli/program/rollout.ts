/** Commands about releases that take over step by step. */
import type { Command } from 'commander';
import type { Load } from '../invocation.ts';

const reason = ['-r, --reason <text>', 'why; it is recorded'] as const;

export function addRollout(program: Command, perform: (load: Load, command: Command) => Promise<void>): void {
  const rollout = program
    .command('rollout')
    .description('a release that takes over step by step: show, watch, recompute, pause, resume, skip, promote, abort')
    .addHelpCommand(false);
  const add = (usage: string, summary: string, load: Load): Command => {
    const command = rollout.command(usage).description(summary);
    return command.action(() => perform(load, command));
  };
  const file = () => import('../commands/rollout.ts');
  add('show <environment>', 'where it is, and the new release against the old one', async () => ({
    act: (await file()).show,
  }));
  add('watch <environment>', 'follow it until it is over', async () => ({ act: (await file()).watch }));
  add('recompute <environment>', 'compute its verdicts again from what was counted, and compare', async () => ({
    act: (await file()).recompute,
  })).option('--promotion <id>', 'another rollout there than the latest');
  const summaries = {
    pause: 'change nothing until it is resumed; it is judged all the same',
    resume: 'go on after a pause',
    skip: 'leave this step and go on with the next',
    promote: 'lead all requests to the new release now, without the steps that are left',
  } as const;
  for (const [verb, summary] of Object.entries(summaries) as [keyof typeof summaries, string][])
    add(`${verb} <environment>`, summary, async () => ({ act: (await file()).steerWith(verb) })).option(...reason);
  add('abort <environment>', 'lead all requests back to what ran before', async () => ({
    act: (await file()).abort,
  })).option(...reason);
}

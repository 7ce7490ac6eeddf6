/** Runs one command line: finds the command, carries it out, and turns what happened into an exit code. */
import { CommanderError } from 'commander';
import type { Command } from 'commander';
import { readConfig } from '../config.ts';
import { asFailure, Failure, failureCatalog } from '../domain/base/failure.ts';
import type { Invocation, Load } from './invocation.ts';
import { createOutput } from './output.ts';
import { describe } from './program/program.ts';

/** Answers the exit code. */
export async function run(argv: readonly string[]): Promise<number> {
  const complaints: string[] = [];
  let code = 0;
  const program = describe((load, command) => perform(load, command).then((answer) => void (code = answer)), {
    argv,
    complain: (complaint) => complaints.push(complaint),
  });
  try {
    await program.parseAsync(argv.length === 0 ? ['--help'] : [...argv], { from: 'user' });
    return code;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return 0;
    return refuseUsage(complaints.join('\n'), { argv, asked: wordsOf(program, argv) });
  }
}

/** Of a command that was meant: `liftlock release list`. */
function wordsOf(program: Command, argv: readonly string[]): readonly string[] {
  const words = ['liftlock'];
  let among = program.commands;
  for (const word of argv) {
    const next = among.find((command) => command.name() === word);
    if (next === undefined) continue;
    words.push(word);
    among = next.commands;
  }
  return words;
}

/** Words on the command line that say nothing: the same kind of problem as any other. */
function refuseUsage(
  complaint: string,
  { argv, asked }: { argv: readonly string[]; asked: readonly string[] },
): number {
  const { color, ci } = readConfig();
  const [message = '', ...suggestions] = complaint
    .replace(/^error: /, '')
    .trim()
    .split('\n');
  const hint =
    suggestions.length > 0 ? suggestions.join(' ').replace(/^\((.*)\)$/, '$1') : [...asked, '--help'].join(' ');
  const failure = new Failure('input/invalid', message === '' ? 'which command?' : message, { hint });
  createOutput({ json: argv.includes('--json'), color, ci }).problem(failure);
  return failureCatalog[failure.code].exit;
}

async function perform(load: Load, command: Command): Promise<number> {
  const config = readConfig();
  const options = command.optsWithGlobals() as Invocation['options'];
  const output = createOutput({ json: options['json'] === true, color: config.color, ci: config.ci });
  try {
    const { act } = await load();
    return await act({ config, output, directory: process.cwd(), arguments: command.args, options });
  } catch (thrown) {
    const failure = asFailure(thrown);
    output.problem(failure);
    return failureCatalog[failure.code].exit;
  }
}

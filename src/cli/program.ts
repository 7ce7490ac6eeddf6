/** Every command, in the order in which a person meets them. */
import { readFileSync } from 'node:fs';
import { Command, CommanderError, Option } from 'commander';
import { readConfig } from '../config.ts';
import { asFailure, failureCatalog } from '../domain/base/failure.ts';
import type { Act, Invocation } from './invocation.ts';
import { createOutput } from './output.ts';

type Load = () => Promise<{ readonly act: Act }>;

const examples = `
Three things to start with:
  $ liftlock init                     look at this repository and write liftlock.yaml
  $ liftlock up                       run everything on this machine
  $ liftlock why latest production    why is my commit not further?`;

/** Runs one command line and answers its exit code. */
export async function run(argv: readonly string[]): Promise<number> {
  let code = 0;
  const program = describe((load, invocation) => perform(load, invocation).then((answer) => void (code = answer)));
  program.exitOverride();
  try {
    if (argv.length === 0) {
      process.stdout.write(`${program.helpInformation()}${examples}\n`);
      return 0;
    }
    await program.parseAsync([...argv], { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    throw error;
  }
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

function describe(act: (load: Load, command: Command) => Promise<void>): Command {
  const program = new Command('liftlock')
    .description('Takes a change from a commit to production, one environment at a time.')
    .version(version(), '-V, --version')
    .option('--json', 'one JSON document on standard output')
    .option('-p, --project <name>', 'which project, when there are several')
    .configureHelp({ sortSubcommands: false, showGlobalOptions: true })
    .showSuggestionAfterError(true)
    .addHelpText('after', examples);

  const add = (
    usage: string,
    summary: string,
    load: Load,
    shape: (command: Command) => Command = (command) => command,
  ): void => {
    const command = shape(program.command(usage).description(summary));
    command.action(() => act(load, command));
  };
  const reason = (command: Command): Command => command.option('-r, --reason <text>', 'why; recorded');
  const wait = (command: Command): Command =>
    command
      .option('--no-wait', 'return as soon as it is requested')
      .option('--timeout <duration>', 'give up waiting after this long, e.g. 10m');

  add(
    'init',
    'look at this repository and write liftlock.yaml',
    () => import('./commands/init.ts'),
    (c) => c.option('--name <project>', 'name of the project'),
  );
  add('doctor', 'what is missing before you can trust this', () => import('./commands/doctor.ts'));
  const home = (command: Command): Command =>
    command.option('--home <directory>', 'where state is kept (LIFTLOCK_HOME)');
  const listen = (command: Command): Command =>
    command
      .option('--port <number>', 'port of the API')
      .option('--host <address>', 'address to listen on', '127.0.0.1');
  add(
    'up',
    'run everything on this machine: database, control plane, worker',
    () => import('./commands/up.ts'),
    (c) =>
      home(listen(c))
        .option('--file <path>', 'the pipeline file', 'liftlock.yaml')
        .option('--source <url>', 'the Git repository; this one when absent'),
  );
  add(
    'down',
    'stop what `up` left running: control plane, services, database',
    () => import('./commands/down.ts'),
    home,
  );
  add(
    'demo',
    'watch it work on a sample application',
    () => import('./commands/demo.ts'),
    (c) =>
      c
        .option('--exit', 'end by itself')
        .option('--reset', 'start over')
        .addOption(new Option('--home <directory>').hideHelp()),
  );
  add(
    'serve',
    'run a control plane that answers the API',
    () => import('./commands/serve.ts'),
    (c) => home(listen(c)),
  );
  add(
    'worker',
    'run a worker that carries out what the control plane decides',
    () => import('./commands/worker.ts'),
    home,
  );
  add(
    'apply [file]',
    'put a pipeline file in force',
    () => import('./commands/apply.ts'),
    (c) => c.option('--source <url>', 'the Git repository of a new project').option('--check', 'only check the file'),
  );
  add(
    'status',
    'where everything is, and what waits on whom',
    () => import('./commands/status.ts'),
    (c) => c.option('-w, --watch', 'again at every change'),
  );
  add(
    'why <release> <environment>',
    "why can or can't this release enter that environment",
    () => import('./commands/why.ts'),
  );
  add('plan <release> <environment>', 'what a promotion would change', () => import('./commands/plan.ts'));
  add(
    'promote <release> <environment>',
    'ask for a release in an environment',
    () => import('./commands/promote.ts'),
    wait,
  );
  add(
    'abort <promotion>',
    'withdraw a promotion; what ran before serves again',
    () => import('./commands/abort.ts'),
    reason,
  );
  add(
    'rollback [environment]',
    'go back to the last release verified there',
    () => import('./commands/rollback.ts'),
    (c) =>
      wait(reason(c))
        .option('--to <release>', 'go back to this one')
        .option('-y, --yes', 'do not ask')
        .option('--no-input', 'never ask'),
  );
  add(
    'approve <release> <environment>',
    'approve a promotion',
    () => import('./commands/approve.ts'),
    (c) => reason(c).option('--plan <hash>', 'the plan you read; refused when it has changed'),
  );
  add(
    'reject <release> <environment>',
    'reject a promotion',
    () => import('./commands/reject.ts'),
    (c) => reason(c).option('--plan <hash>', 'the plan you read; refused when it has changed'),
  );
  add('verify <environment>', 'verify again what runs there', () => import('./commands/verify.ts'), wait);
  add('hold <environment>', 'stop automation for an environment', () => import('./commands/hold.ts'), reason);
  add(
    'release-hold <environment>',
    'let automation go on, after showing what would deploy next',
    () => import('./commands/release-hold.ts'),
    (c) => reason(c).option('-y, --yes', 'do not ask').option('--no-input', 'never ask'),
  );
  add('pin <environment> <release>', 'nail an environment to a release', () => import('./commands/pin.ts'), reason);
  add(
    'unpin <environment>',
    'lift a pin, after showing what would deploy next',
    () => import('./commands/unpin.ts'),
    (c) => reason(c).option('-y, --yes', 'do not ask').option('--no-input', 'never ask'),
  );
  add(
    'veto <release> [environment]',
    'mark a release bad: it enters nothing, and stops where it is being deployed',
    () => import('./commands/veto.ts'),
    (c) => reason(c).option('--lift', 'lift the veto'),
  );
  add(
    'freeze [environment]',
    'close environments for everybody',
    () => import('./commands/freeze.ts'),
    (c) =>
      reason(c)
        .option('--everything', 'all projects')
        .option('--until <time>', 'ISO 8601 time, or a duration such as 2h')
        .option('--lift <freeze>', 'lift a freeze')
        .option('--list', 'list freezes in force'),
  );
  addReleases(program, act);
  add(
    'logs <subject>',
    'output of build/<number>, a promotion or an environment',
    () => import('./commands/logs.ts'),
    (c) =>
      c
        .option('--bytes <number>', 'how much of the end of each', '65536')
        .option('-f, --follow', 'and go on until it ends'),
  );
  add('retry <build>', 'build again what did not lead to a release', () => import('./commands/retry.ts'));
  add(
    'events',
    'what happened, newest last',
    () => import('./commands/events.ts'),
    (c) => c.option('-w, --watch', 'and go on').option('-n, --number <count>', 'how many', '50'),
  );
  add('notify', 'the repository changed: look now', () => import('./commands/notify.ts'));
  addSecrets(program, act);
  return program;
}

function addReleases(program: Command, act: (load: Load, command: Command) => Promise<void>): void {
  const release = program.command('release').description('releases and where they have been');
  const list = release.command('list').description('newest first').option('-n, --number <count>', 'how many', '20');
  list.action(() => act(() => import('./commands/release-list.ts'), list));
  const show = release.command('show <release>').description('one release: its journey and its evidence');
  show.action(() => act(() => import('./commands/release-show.ts'), show));
}

function addSecrets(program: Command, act: (load: Load, command: Command) => Promise<void>): void {
  const secret = program.command('secret').description("secrets of this machine's environments");
  const set = secret
    .command('set <name>')
    .description('reads the value from standard input')
    .option('-e, --environment <name>', 'of this environment only');
  set.action(() => act(() => import('./commands/secret-set.ts'), set));
}

function version(): string {
  const file = new URL('../../package.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}

/** Every command, in the order in which a person meets them. What one does is loaded when it is asked for. */
import { readFileSync } from 'node:fs';
import { Command, Option } from 'commander';
import type { Load } from '../invocation.ts';
import { duration, planHash, port, whole } from './option-values.ts';
import { addAccess } from './access.ts';
import { addAudit } from './audit.ts';
import { addChanges, addPipeline } from './changes.ts';
import { addEmergency } from './emergency.ts';
import { addEvidence } from './evidence.ts';
import { addNotifications } from './notifications.ts';
import { addReleases } from './release.ts';
import { addRollout } from './rollout.ts';
import { addSecrets, addWebhooks } from './setup.ts';
import { addSigners, addSource } from './signing.ts';

const afterHelp = `
Three things to start with:
  $ liftlock init                     look at this repository and write liftlock.yaml
  $ liftlock up                       run everything on this machine
  $ liftlock why latest production    why is my commit not further?

A <release> is a number (12), a commit, a tag, a branch or "latest".
Exit codes: 0 done, 1 unexpected, 2 usage, 3 refused, 4 not allowed, 5 the deployment failed, 6 a check found something,
7 gave up waiting, 8 waits for somebody.
Environment: LIFTLOCK_HOME, LIFTLOCK_URL, LIFTLOCK_TOKEN, LIFTLOCK_TOKEN_FILE, LIFTLOCK_PROJECT, NO_COLOR.`;

type Shape = (command: Command) => Command;

const reason: Shape = (command) => command.option('-r, --reason <text>', 'why; it is recorded');
const wait: Shape = (command) =>
  command
    .option('--no-wait', 'return as soon as it is requested')
    .option('--timeout <duration>', 'give up waiting after this long, e.g. 10m', duration);
const ask: Shape = (command) =>
  command.option('-y, --yes', 'do not ask').option('--no-input', 'never ask; fail instead');
const home: Shape = (command) =>
  command.option('--home <directory>', 'where state is kept (default: .liftlock in the repository, or LIFTLOCK_HOME)');
const listen: Shape = (command) =>
  command
    .option(
      '--port <number>',
      'port of the API; 0 takes any (default: that of last time, else 7400, or the next free one)',
      port,
    )
    .option('--host <address>', 'address to listen on', '127.0.0.1');
const plan: Shape = (command) =>
  command.option('--plan <hash>', 'the plan that you read; refused when it has changed since', planHash);

/** Subcommands take over how the program ends and complains, so that is set before they are added. */
export function describe(
  act: (load: Load, command: Command) => Promise<void>,
  { argv, complain }: { argv: readonly string[]; complain: (text: string) => void },
): Command {
  const program = new Command('liftlock')
    .description('Takes a change from a commit to production, one environment at a time.')
    .helpOption('-h, --help', 'print this')
    .option('--json', 'one JSON document on standard output')
    .option('-p, --project <name>', 'which project, when there are several')
    .configureHelp({ sortSubcommands: false, showGlobalOptions: true, subcommandTerm })
    .configureOutput({ outputError: complain })
    .exitOverride()
    .addHelpCommand(
      new Command('help').argument('[command]').description('print the help of a command').helpGroup('To begin:'),
    )
    .addHelpText('after', afterHelp);
  // Behind the name of a command, --version is that command's: the program would take it from anywhere.
  if (!isBehindCommand(argv, '--version')) program.version(version(), '-V, --version', 'print the version');
  const add = (usage: string, summary: string, load: Load): Command => {
    const command = program.command(usage).description(summary);
    return command.action(() => act(load, command));
  };

  program.commandsGroup('To begin:');
  add('init', 'look at this repository and write liftlock.yaml', () => import('../commands/init.ts')).option(
    '--name <project>',
    'name of the project (default: that of the package or the directory)',
  );
  add('doctor', 'what is missing before you can trust this', () => import('../commands/doctor.ts'));
  home(
    listen(
      add('up', 'run everything on this machine: database, control plane, worker', () => import('../commands/up.ts')),
    ),
  )
    .option('--file <path>', 'the pipeline file', 'liftlock.yaml')
    .option('--source <url>', 'the Git repository (default: this one)');
  ask(home(add('down', 'stop all of it, and the services it deployed', () => import('../commands/down.ts')))).option(
    '--purge',
    'and remove all that is kept of it',
  );
  add('demo', 'watch it work on a sample application', () => import('../commands/demo.ts'))
    .option('--exit', 'end when everything was shown')
    .option('--reset', 'start over')
    .addOption(new Option('--home <directory>').hideHelp());

  program.commandsGroup('To see:');
  add('status', 'where everything is, and what waits on whom', () => import('../commands/status.ts')).option(
    '-w, --watch',
    'again at every change, until Ctrl-C',
  );
  add(
    'why <release> <environment>',
    "why can or can't this release enter that environment",
    () => import('../commands/why.ts'),
  );
  plan(
    reason(add('plan <release> <environment>', 'what a promotion would change', () => import('../commands/plan.ts'))),
  ).option('--accept', 'accept the plan of the promotion that waits');
  add(
    'verify <ref>',
    'what a branch, tag or commit would start, and why not more',
    () => import('../commands/verify.ts'),
  );
  add('logs <subject>', 'output of an environment, build/<number> or a promotion', () => import('../commands/logs.ts'))
    .option('--bytes <number>', 'how much of the end of each', whole, '65536')
    .option('-f, --follow', 'and go on until it ends');
  add('events', 'what happened, newest last', () => import('../commands/events.ts'))
    .option('-w, --watch', 'and go on, until Ctrl-C')
    .option('-n, --number <count>', 'how many', whole, '50')
    .option('--kind <kind>', 'of this kind, such as promotion.started, or of a noun, such as promotion')
    .option('--by <handle>', 'by this person, machine or part of the system')
    .option('-e, --environment <name>', 'in this environment')
    .option('--release <number>', 'about this release')
    .option('--since <time>', 'a time such as 2026-12-24T08:00Z, or how long ago, such as 2h')
    .option('--until <time>', 'the same, for the end');
  addReleases(program, act);
  addEvidence(program, act);

  program.commandsGroup('To deploy:');
  wait(
    add(
      'promote <release> <environment>',
      'ask for a release in an environment',
      () => import('../commands/promote.ts'),
    ),
  );
  plan(
    reason(
      add('approve <release> <environment>', 'approve a promotion that waits', () => import('../commands/approve.ts')),
    ),
  );
  plan(
    reason(
      add('reject <release> <environment>', 'reject a promotion that waits', () => import('../commands/reject.ts')),
    ),
  );
  reason(
    add(
      'withdraw <release> <environment>',
      'take back your own approval, before it has started',
      () => import('../commands/withdraw.ts'),
    ),
  );
  add(
    'ask-again <release> <environment>',
    'ask now what gates wait to ask again by themselves',
    () => import('../commands/ask-again.ts'),
  );
  wait(add('reverify <environment>', 'verify again what runs there', () => import('../commands/reverify.ts')));
  reason(
    add(
      'abort <promotion>',
      'withdraw one, by its id or environment; what ran before serves again',
      () => import('../commands/abort.ts'),
    ),
  );
  ask(
    wait(
      reason(
        add(
          'rollback [environment]',
          'go back to the last release verified there',
          () => import('../commands/rollback.ts'),
        ),
      ),
    ),
  ).option('--to <release>', 'go back to this one');
  addRollout(program, act);
  add('retry <build>', 'build again what failed to build', () => import('../commands/retry.ts'));
  add(
    'notify',
    'say that the repository has changed, so that it is looked at now',
    () => import('../commands/notify.ts'),
  );

  program.commandsGroup('To steer:');
  reason(add('hold <environment>', 'stop automation; people may still promote', () => import('../commands/hold.ts')));
  ask(
    reason(
      add(
        'release-hold <environment>',
        'let automation go on, after showing what would deploy next',
        () => import('../commands/release-hold.ts'),
      ),
    ),
  );
  reason(add('pin <environment> <release>', 'nail an environment to a release', () => import('../commands/pin.ts')));
  ask(
    reason(
      add(
        'unpin <environment>',
        'lift a pin, after showing what would deploy next',
        () => import('../commands/unpin.ts'),
      ),
    ),
  );
  reason(
    add(
      'veto [release] [environment]',
      'mark a release bad: it enters nothing, and stops where it is being deployed',
      () => import('../commands/veto.ts'),
    ),
  )
    .option('--lift', 'lift the veto')
    .option('--list', 'list the vetoes that stand');
  reason(
    add(
      'freeze [environment]',
      'close one environment or all to automation and people',
      () => import('../commands/freeze.ts'),
    ),
  )
    .option('--everything', 'of all projects')
    .option('--from <time>', 'when it begins, such as 2026-12-24T08:00Z or 2h (now by default)')
    .option('--until <time>', 'a time such as 2026-12-24T08:00Z, or how long it lasts, such as 2h')
    .option('--exempt <list>', 'what it does not stop: rollback,break-glass (both by default), or none')
    .option('--lift <freeze>', 'lift a freeze')
    .option('--list', 'list the freezes in force and those to come');

  ask(
    wait(
      reason(
        add(
          'stop <environment>',
          'end what runs in an environment that was removed from the pipeline',
          () => import('../commands/stop.ts'),
        ),
      ),
    ),
  );

  program.commandsGroup('Changes:');
  addChanges(program, act);

  addAccess(program, act);
  reason(
    add(
      'accept <commit>',
      'vouch for a commit that a platform made (trust.signatures: hosted)',
      () => import('../commands/accept.ts'),
    ),
  ).option('--tree <id>', 'the tree that you looked at; refused when the commit holds another');
  addSource(program, { act, ask, reason });

  program.commandsGroup('To set up:');
  add('apply [file]', 'put a pipeline file in force (default: liftlock.yaml)', () => import('../commands/apply.ts'))
    .option('--source <url>', 'the Git repository of a new project')
    .option('--check', 'only check the file');
  addPipeline(program, act);
  addSecrets(program, act);
  addWebhooks(program, act);
  addNotifications(program, act);
  addEmergency(program, act);
  addAudit(program, act);
  addSigners(program, { act, ask, reason });
  home(
    listen(
      add(
        'serve',
        'run a control plane that answers the API; DATABASE_URL names its database',
        () => import('../commands/serve.ts'),
      ),
    ),
  );
  home(
    add(
      'worker',
      'run a worker that carries out what the control plane decides',
      () => import('../commands/worker.ts'),
    ),
  );
  return program;
}

/** In the list of commands only what must be written; options are in the help of each. */
function subcommandTerm(command: Command): string {
  const words = command.registeredArguments.map((argument) =>
    argument.required ? `<${argument.name()}>` : `[${argument.name()}]`,
  );
  return [command.name(), ...words].join(' ');
}

function isBehindCommand(argv: readonly string[], option: string): boolean {
  const place = argv.indexOf(option);
  return place > 0 && argv.slice(0, place).some((word) => !word.startsWith('-'));
}

function version(): string {
  const file = new URL('../../../package.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}

/** Commands about people and what they may do. */
import type { Command } from 'commander';
import type { Act, Load } from '../invocation.ts';

type Perform = (load: Load, command: Command) => Promise<void>;

const reason = ['-r, --reason <text>', 'why; it is recorded'] as const;

export function addAccess(program: Command, perform: Perform): void {
  program.commandsGroup('People:');
  const one = (usage: string, summary: string, load: Load): Command => {
    const command = program.command(usage).description(summary);
    return command.action(() => perform(load, command));
  };
  one(
    'login [link]',
    'sign in, with a link that an administrator made or with a browser',
    () => import('../commands/login.ts'),
  );
  one('logout', 'end the token of this machine', () => import('../commands/logout.ts'));
  one('whoami', 'who you are here, and what you may do', () => import('../commands/whoami.ts'));
  addPeople(program, perform);
  addGrants(program, perform);
  addTokens(program, perform);
  addSessions(program, perform);
  addMachines(program, perform);
  const matrix = group(program, 'access', 'who may do what: matrix')
    .command('matrix')
    .description('the table by which every request is judged')
    .option('--csv', 'one line for each role, action and kind that is allowed');
  matrix.action(() => perform(() => import('../commands/access-matrix.ts'), matrix));
}

function group(program: Command, name: string, summary: string): Command {
  return program.command(name).description(summary).addHelpCommand(false);
}

/** A command of a group, whose file holds all of the group. */
function member(
  parent: Command,
  perform: Perform,
  { usage, summary, load }: { usage: string; summary: string; load: () => Promise<Act> },
): Command {
  const command = parent.command(usage).description(summary);
  return command.action(() => perform(async () => ({ act: await load() }), command));
}

function addPeople(program: Command, perform: Perform): void {
  const person = group(program, 'person', 'people: add, list, show, link, email, disable, enable');
  const load = (name: 'add' | 'list' | 'show' | 'link' | 'email' | 'disable' | 'enable') => async () =>
    (await import('../commands/person.ts'))[name];
  const add = (usage: string, summary: string, name: Parameters<typeof load>[0]) =>
    member(person, perform, { usage, summary, load: load(name) });
  add('add <handle>', 'make a person known', 'add')
    .option('--name <text>', 'name in full')
    .option('--email <addresses>', 'addresses of this person, separated by commas');
  add('list', 'everybody', 'list');
  add('show <handle>', 'one person', 'show');
  add('link <handle>', 'a link that signs this person in, once', 'link');
  add('email <handle> <address>', 'add an address by which commits are recognised', 'email').option(
    '--remove',
    'remove it',
  );
  add('disable <handle>', 'nobody signs in as this person any more', 'disable');
  add('enable <handle>', 'let a person sign in again', 'enable');
}

function addGrants(program: Command, perform: Perform): void {
  const grant = group(program, 'grant', 'roles of people: add, list, revoke');
  const load = (name: 'add' | 'list' | 'revoke') => async () => (await import('../commands/grant.ts'))[name];
  const add = (usage: string, summary: string, name: Parameters<typeof load>[0]) =>
    member(grant, perform, { usage, summary, load: load(name) });
  add('add <person> <role>', 'give a role, on every project unless --project names one', 'add')
    .option('--until <time>', 'a time such as 2026-12-24T08:00Z, or a length such as 2h')
    .option(...reason);
  add('list', 'who has which role', 'list')
    .option('--person <handle>', 'of this person')
    .option('--all', 'also those that are over');
  add('revoke <grant>', 'take a role back, at once', 'revoke').option(...reason);
}

function addTokens(program: Command, perform: Perform): void {
  const token = group(program, 'token', 'tokens for programs: create, list, revoke, exchange');
  const load = (name: 'create' | 'list' | 'revoke' | 'exchange') => async () =>
    (await import('../commands/token.ts'))[name];
  const add = (usage: string, summary: string, name: Parameters<typeof load>[0]) =>
    member(token, perform, { usage, summary, load: load(name) });
  add('create <name>', 'a token that may do what you may, or less; --project limits it', 'create')
    .option('--permission <actions>', 'only these, separated by commas, such as project:read')
    .option('--days <number>', 'how long it is good (default: 90, at most 366)');
  add('list', 'your tokens, without their secrets', 'list');
  add('revoke <token>', 'end a token', 'revoke');
  add('exchange', 'a token for a CI job; reads its identity token from standard input', 'exchange');
}

function addSessions(program: Command, perform: Perform): void {
  const session = group(program, 'session', 'browsers that people are signed in with: list, end');
  const load = (name: 'list' | 'end') => async () => (await import('../commands/session.ts'))[name];
  const add = (usage: string, summary: string, name: Parameters<typeof load>[0]) =>
    member(session, perform, { usage, summary, load: load(name) });
  add('list', 'where you are signed in', 'list')
    .option('--person <handle>', 'where this person is signed in')
    .option('--all', 'where everybody is signed in');
  add('end <session>', 'sign a browser out', 'end');
}

function addMachines(program: Command, perform: Perform): void {
  const machine = group(program, 'machine', 'CI jobs that may sign in: add, list, disable');
  const load = (name: 'add' | 'list' | 'disable') => async () => (await import('../commands/machine.ts'))[name];
  const add = (usage: string, summary: string, name: Parameters<typeof load>[0]) =>
    member(machine, perform, { usage, summary, load: load(name) });
  add('add <name>', 'let in the jobs of one repository, workflow and event', 'add')
    .requiredOption('--issuer <url>', 'who vouches, such as https://token.actions.githubusercontent.com')
    .requiredOption('--audience <text>', 'for whom the identity tokens are made')
    .requiredOption(
      '--claim <name=value...>',
      'what they must say: repository_id, workflow_ref and event_name, or those of GitLab',
    );
  add('list', 'every machine and what it is known by', 'list');
  add('disable <name>', 'nothing signs in as this machine any more', 'disable');
}

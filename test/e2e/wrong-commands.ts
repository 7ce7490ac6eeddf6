/** Wrong commands and exactly what is answered: what happened, and what to do. `{...}` are names of the stage. */

export interface WrongCommand {
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Where it is typed: the repository, an empty one, or a folder without Git. */
  readonly in?: 'repository' | 'empty' | 'folder' | 'broken';
  readonly input?: string;
  readonly code: number;
  /** The lines on standard error. */
  readonly says: readonly string[];
}

const noEnvironment = [
  'error: there is no environment nowhere',
  '  → environments: development, testing, slow, production',
];
const noRelease = ['error: there is no release 99', '  → liftlock release list'];
const notRunning = [
  'error: no control plane is running here',
  '  → liftlock up, liftlock login <link>, or name one with LIFTLOCK_URL',
];
const running = [
  'error: a control plane already runs from {repository}/.liftlock: {url} (pid {pid})',
  '  → liftlock status, or liftlock down',
];

export const wrongCommands: readonly WrongCommand[] = [
  // Words that say nothing.
  { args: ['statsu'], code: 2, says: ["error: unknown command 'statsu'", '  → Did you mean status?'] },
  { args: ['xyzzy'], code: 2, says: ["error: unknown command 'xyzzy'", '  → liftlock --help'] },
  { args: ['release', 'lst'], code: 2, says: ["error: unknown command 'lst'", '  → Did you mean list?'] },
  { args: ['status', '--wacth'], code: 2, says: ["error: unknown option '--wacth'", '  → Did you mean --watch?'] },
  { args: ['why', '1'], code: 2, says: ["error: missing required argument 'environment'", '  → liftlock why --help'] },
  {
    args: ['release', 'list', '-n', '0'],
    code: 2,
    says: [
      "error: option '-n, --number <count>' argument '0' is invalid. It must be a whole number from 1 on.",
      '  → liftlock release list --help',
    ],
  },
  { args: ['promote'], code: 2, says: ["error: missing required argument 'release'", '  → liftlock promote --help'] },
  {
    args: ['hold', '-r'],
    code: 2,
    says: ["error: option '-r, --reason <text>' argument missing", '  → liftlock hold --help'],
  },
  {
    args: ['status', 'production'],
    code: 2,
    says: [
      "error: too many arguments for 'status'. Expected 0 arguments but got 1: production.",
      '  → liftlock status --help',
    ],
  },
  {
    args: ['promote', '1', 'slow', '--timeout', 'soon'],
    code: 2,
    says: [
      "error: option '--timeout <duration>' argument 'soon' is invalid. It must be a length of time such as 90s, 10m or 1h.",
      '  → liftlock promote --help',
    ],
  },
  {
    args: ['events', '--number', 'many'],
    code: 2,
    says: [
      "error: option '-n, --number <count>' argument 'many' is invalid. It must be a whole number from 1 on.",
      '  → liftlock events --help',
    ],
  },
  {
    args: ['approve', '1', 'production', '--plan', 'd31d34'],
    code: 2,
    says: [
      "error: option '--plan <hash>' argument 'd31d34' is invalid. It must be the plan that `liftlock plan` shows, sha256:...",
      '  → liftlock approve --help',
    ],
  },
  {
    args: ['up', '--port', '99999'],
    code: 2,
    says: [
      "error: option '--port <number>' argument '99999' is invalid. It must be a whole number up to 65535.",
      '  → liftlock up --help',
    ],
  },
  // Names of nothing.
  { args: ['why', '99', 'production'], code: 2, says: noRelease },
  { args: ['why', '1', 'nowhere'], code: 2, says: noEnvironment },
  { args: ['plan', '99', 'testing'], code: 2, says: noRelease },
  { args: ['promote', '99', 'testing'], code: 2, says: noRelease },
  { args: ['promote', '1', 'nowhere'], code: 2, says: noEnvironment },
  { args: ['approve', '1', 'nowhere'], code: 2, says: noEnvironment },
  { args: ['reject', '99', 'production'], code: 2, says: noRelease },
  { args: ['rollback', 'nowhere'], code: 2, says: noEnvironment },
  { args: ['reverify', 'nowhere'], code: 2, says: noEnvironment },
  { args: ['hold', 'nowhere'], code: 2, says: noEnvironment },
  { args: ['release-hold', 'nowhere', '--yes'], code: 2, says: noEnvironment },
  { args: ['pin', 'nowhere', '1'], code: 2, says: noEnvironment },
  { args: ['pin', 'testing', '99'], code: 2, says: noRelease },
  { args: ['unpin', 'nowhere', '--yes'], code: 2, says: noEnvironment },
  { args: ['veto', '99'], code: 2, says: noRelease },
  { args: ['veto', '1', 'nowhere'], code: 2, says: noEnvironment },
  { args: ['freeze', 'nowhere'], code: 2, says: noEnvironment },
  { args: ['release', 'show', '99'], code: 2, says: noRelease },
  { args: ['logs', 'nowhere'], code: 2, says: noEnvironment },
  { args: ['logs', 'build/99'], code: 2, says: ['error: there is no build/99'] },
  { args: ['retry', '99'], code: 2, says: ['error: there is no build #99 of corner', '  → liftlock status'] },
  {
    args: ['retry', 'all'],
    code: 2,
    says: ['error: all is not the number of a build', '  → liftlock status shows builds'],
  },
  { args: ['abort', 'testing'], code: 2, says: ['error: nothing is on its way into testing', '  → liftlock status'] },
  {
    args: ['person', 'link', 'nobody'],
    code: 2,
    says: ['error: there is no person nobody', '  → liftlock person list'],
  },
  {
    args: ['token', 'create', 'long', '--days', '400'],
    code: 2,
    says: ['error: days: must be at most 366'],
  },
  {
    args: ['promote', '', ''],
    code: 2,
    says: ['error: release: must not be empty', '  environment: must not be empty'],
  },
  { args: ['abort', 'prm_1'], code: 2, says: ['error: there is no promotion prm_1', '  → liftlock status'] },
  {
    args: ['freeze', '--lift', 'frz_1'],
    code: 2,
    says: ['error: there is no freeze frz_1 in force', '  → liftlock freeze --list'],
  },
  {
    args: ['--project', 'other', 'status'],
    code: 2,
    says: ['error: there is no project other', '  → projects: corner'],
  },
  {
    args: ['status'],
    env: { LIFTLOCK_PROJECT: 'other' },
    code: 2,
    says: ['error: there is no project other', '  → projects: corner'],
  },
  // What cannot be done now.
  {
    args: ['rollback', 'testing'],
    code: 3,
    says: ['error: no earlier release was verified in testing', '  → liftlock status'],
  },
  { args: ['reverify', 'production'], code: 2, says: ['error: nothing runs in production yet'] },
  {
    args: ['retry', '1'],
    code: 3,
    says: ['error: build #1 is built; only one that failed or errored can be tried again'],
  },
  {
    args: ['approve', '1', 'testing'],
    code: 3,
    says: [
      'error: no promotion of release #1 to testing is waiting',
      '  → liftlock promote 1 testing asks for it; liftlock why 1 testing tells more',
    ],
  },
  {
    args: ['unpin', 'testing'],
    code: 2,
    says: [
      'nothing would be deployed to testing',
      'error: this needs a yes, and nobody can be asked here',
      '  → liftlock unpin testing --yes',
    ],
  },
  {
    args: ['unpin', 'testing', '--yes'],
    code: 2,
    says: ['nothing would be deployed to testing', 'error: testing is not pinned'],
  },
  { args: ['rollback'], code: 2, says: ['error: which environment should go back?', '  → liftlock rollback testing'] },
  // Values that cannot be.
  {
    args: ['freeze', '--until', 'yesterday'],
    code: 2,
    says: ['error: yesterday is neither a time nor a length of time', '  → for example 2026-12-24T08:00Z or 2h'],
  },
  {
    args: ['freeze', '--from', '2020-01-01T00:00Z'],
    code: 2,
    says: ['error: 2020-01-01T00:00Z is over already', '  → a time to come, or a length such as 2h'],
  },
  {
    args: ['freeze', '--from', '2h', '--until', '2020-01-01T00:00Z'],
    code: 2,
    says: ['error: 2020-01-01T00:00Z is over already', '  → a time to come, or a length such as 2h'],
  },
  {
    args: ['secret', 'set', 'lower-case'],
    input: 'x',
    code: 2,
    says: ['error: lower-case is not a name of a secret', '  → capital letters, digits and _, beginning with a letter'],
  },
  {
    args: ['secret', 'set', 'EMPTY'],
    code: 2,
    says: ['error: the value is empty', '  → printf %s "$VALUE" | liftlock secret set NAME'],
  },
  // The server.
  { args: ['status'], in: 'empty', code: 1, says: notRunning },
  { args: ['promote', '1', 'testing'], in: 'folder', code: 1, says: notRunning },
  {
    args: ['status'],
    env: { LIFTLOCK_URL: 'my-server' },
    code: 2,
    says: ['error: my-server is not the address of a control plane', '  → LIFTLOCK_URL=https://liftlock.example.org'],
  },
  {
    args: ['status'],
    in: 'empty',
    env: { LIFTLOCK_URL: '{url}' },
    code: 4,
    says: ['error: there is no token for {url}', '  → liftlock login, or set LIFTLOCK_TOKEN_FILE'],
  },
  {
    args: ['status'],
    env: { LIFTLOCK_TOKEN: 'a-wrong-one' },
    code: 4,
    says: [
      'error: the token of this request is not the right one',
      '  → liftlock login, or set LIFTLOCK_TOKEN_FILE to the file that `liftlock up` named',
    ],
  },
  {
    args: ['status'],
    env: { LIFTLOCK_URL: 'http://127.0.0.1:1', LIFTLOCK_TOKEN: 'any' },
    code: 1,
    says: ['error: the control plane at http://127.0.0.1:1 does not answer', '  → is `liftlock up` running?'],
  },
  { args: ['up'], code: 2, says: running },
  { args: ['up', '--port', '0'], code: 2, says: running },
  {
    args: ['serve'],
    code: 2,
    says: [
      'error: `serve` and `worker` share a database, and none is named',
      '  → set DATABASE_URL, or use `liftlock up` for one machine',
    ],
  },
  {
    args: ['worker'],
    in: 'empty',
    code: 2,
    says: [
      'error: `serve` and `worker` share a database, and none is named',
      '  → set DATABASE_URL, or use `liftlock up` for one machine',
    ],
  },
  {
    args: ['up'],
    in: 'broken',
    env: { DATABASE_URL: 'my-database' },
    code: 2,
    says: ['error: liftlock.yaml has 2 problems', '{problem 1}', '{problem 2}'],
  },
  // The file.
  {
    args: ['up'],
    in: 'empty',
    code: 2,
    says: ['error: liftlock.yaml cannot be read: there is no such file', '  → liftlock init writes one'],
  },
  {
    args: ['up'],
    in: 'folder',
    code: 2,
    says: [
      'error: {folder} is no Git repository: there are no commits to deploy',
      '  → git init and commit, or name a repository with --source',
    ],
  },
  {
    args: ['apply', 'other.yaml'],
    code: 2,
    says: ['error: other.yaml cannot be read: there is no such file', '  → liftlock init writes one'],
  },
  {
    args: ['apply', '--check'],
    in: 'broken',
    code: 2,
    says: ['error: liftlock.yaml has 2 problems', '{problem 1}', '{problem 2}'],
  },
  {
    args: ['init'],
    code: 2,
    says: [
      'error: {repository}/liftlock.yaml is there already and is not overwritten',
      '  → liftlock apply --check tells whether it is valid',
    ],
  },
];

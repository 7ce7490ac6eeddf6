/**
 * Fifty secrets are planted wherever Liftlock meets secrets, commands of the project print them in every way they can think
 * of, and then they are looked for wherever Liftlock writes or answers. They are found nowhere but where they were put.
 */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { after, before, describe, test } from 'node:test';
import pg from 'pg';
import { createClock } from '../../src/adapters/clock/system.ts';
import { startEmbedded } from '../../src/adapters/postgres/embedded/start-embedded.ts';
import { formsOf, makeCanaries, sightings, type Canary, type Place } from './canaries.ts';
import { openStage, until, type Running, type Stage } from './stage.ts';

const pipelineSecrets = makeCanaries('PLANTED', 24);
const [databasePassword, registryPassword, sourcePassword, sourceToken] = makeCanaries('URL', 4).map(
  ({ name, value }): Canary => ({ name, value: `${value.replaceAll(/[^a-z0-9]/gi, '')}pw` }),
) as [Canary, Canary, Canary, Canary];
const workerToken = makeCanaries('WORKER_TOKEN', 1)[0]!;
const workerOnly = makeCanaries('UNASKED', 1)[0]!;
const wrongTokens = Array.from({ length: 4 }, (_, index) => ({
  name: `WRONG_TOKEN_${index}`,
  value: `liftlock_${'0'.repeat(26)}_${'0123456789abcdefghjkmnpq'.repeat(3).slice(index, index + 52)}`,
}));

/** Prints what it was given to hide: as it is, encoded, in pieces, on both outputs, as an error with a stack, in a report. */
const leak = `
import { writeFileSync } from 'node:fs';
const [how = 'passes', report] = process.argv.slice(2);
const secrets = Object.entries(process.env).filter(([name]) => /PLANTED|DATABASE_URL|WORKER_TOKEN|REGISTRY|UNASKED/.test(name));
const pause = () => new Promise((done) => setTimeout(done, 15));
for (const [name, value] of secrets) {
  for (const form of [value, JSON.stringify({ [name]: value }), encodeURIComponent(value), 'Basic ' + Buffer.from('user:' + value).toString('base64'),
    Buffer.from('u:' + value).toString('base64url'), Buffer.from(value).toString('hex')]) {
    console.log(name + ' ' + form);
    process.stderr.write('err ' + form + '\\n');
  }
}
for (const [, value] of secrets.slice(0, 3)) {
  process.stdout.write('in pieces: ' + value.slice(0, 5)); await pause();
  process.stdout.write(value.slice(5, 9)); await pause();
  process.stdout.write(value.slice(9) + '\\n'); await pause();
}
if (report) {
  const text = secrets.map(([, value]) => value).join(' ').replace(/[&<>"']/g, (sign) => '&#' + sign.charCodeAt(0) + ';');
  writeFileSync(report, '<testsuite name="leaks" tests="2" failures="1"><testcase name="' + text + '"><failure message="' + text + '">' + text + '</failure></testcase><testcase name="fine"/></testsuite>');
}
if (how === 'fails') { console.error(new Error('cannot connect with ' + secrets.map(([, value]) => value).join(' '))); process.exit(1); }
if (how === 'serves') (await import('node:http')).createServer((_, response) => response.end('ok')).listen(process.env.PORT, '127.0.0.1');
`;

function environment(name: string, more: readonly string[]): string {
  const variables = pipelineSecrets.map((secret) => `      ${secret.name}: { secret: ${secret.name} }`);
  return [`  - name: ${name}`, ...more.map((line) => `    ${line}`), '    variables:', ...variables].join('\n');
}

const pipeline = `version: 1
project: nest
source: { main: main, poll: 1s }
trust: { signatures: none }
build:
  commands: ["node leak.mjs passes", "env"]
  allowVariables: [WORKER_TOKEN, REGISTRY_URL]
service: { start: exec node leak.mjs serves, migrate: 'test "$LIFTLOCK_ENVIRONMENT" != migrating || node leak.mjs fails', health: { path: /, deadline: 20s } }
environments:
${environment('passing', ['kind: development', 'trigger: { on: main }', 'verify: { commands: [{ name: leak, run: node leak.mjs passes }] }', 'target: { kind: command, deploy: node leak.mjs passes }', 'database: { secret: DATABASE }'])}
${environment('deploying', ['kind: ci', 'trigger: { on: main }', 'verify: none', 'target: { kind: command, deploy: node leak.mjs fails }'])}
${environment('verifying', ['kind: ci', 'trigger: { on: main }', 'verify: { commands: [{ name: leak, run: node leak.mjs fails }, { name: report, run: node leak.mjs fails report.xml, junit: report.xml }] }', 'target: { kind: command, deploy: "" }'])}
${environment('migrating', ['kind: ci', 'trigger: { on: main }', 'verify: none', 'target: { kind: command, deploy: "" }', 'database: { secret: DATABASE }'])}
${environment('serving', ['kind: development', 'trigger: { on: main }', 'verify: none', 'target: { kind: process }', 'database: managed'])}
`;
const environments = ['passing', 'deploying', 'verifying', 'migrating', 'serving'];

describe('secrets', { timeout: 180_000 }, () => {
  let stage: Stage;
  let server: Running;
  let url = '';
  let token = '';
  const told: Canary[] = [];
  const home = () => join(stage.repository, '.liftlock');

  before(async () => {
    stage = await openStage();
    await stage.commit('leaky', { 'liftlock.yaml': pipeline, 'leak.mjs': leak });
    for (const name of environments) {
      const folder = join(home(), 'secrets', 'nest', name);
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      for (const secret of pipelineSecrets) writeFileSync(join(folder, secret.name), secret.value, { mode: 0o600 });
      writeFileSync(join(folder, 'DATABASE'), `postgres://app:${databasePassword.value}@127.0.0.1:9/none`, {
        mode: 0o600,
      });
    }
    server = stage.start(['up', '--port', '0'], {
      env: {
        WORKER_TOKEN: workerToken.value,
        UNASKED: workerOnly.value,
        REGISTRY_URL: `https://bot:${registryPassword.value}@registry.example.org/`,
      },
    });
    await server.says(/Liftlock is up: nest/);
    url = /API +(\S+)\/api\/v1 /.exec(server.stdout())![1]!;
    token = readFileSync(join(home(), 'token'), 'utf8').trim();
    told.push({ name: 'TOKEN_OF_THE_HOME', value: token.split('_').at(-1)! });
  });
  after(() => stage?.close());

  // oxlint-disable-next-line typescript/no-explicit-any
  async function ask(path: string, body?: object, headers: Record<string, string> = {}): Promise<any> {
    const response = await fetch(`${url}${path}`, {
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return /json/.test(response.headers.get('content-type') ?? '') ? JSON.parse(text) : text;
  }

  /** The part that nobody else has, of a credential whose first parts may be shown. */
  const plant = (name: string, credential: string) => told.push({ name, value: credential.split('_').at(-1)! });

  test('are planted, and printed by every command that gets them', async () => {
    const webhooks = ['github', 'gitlab', 'gitea', 'forgejo', 'bitbucket'];
    for (const provider of webhooks) {
      const { secret } = await ask('/api/v1/projects/nest/webhooks', { provider });
      told.push({ name: `WEBHOOK_${provider}`, value: secret.replace('whsec_', '') });
    }
    for (const name of ['one', 'two', 'three']) {
      const made = await ask('/api/v1/tokens', { name });
      plant(`TOKEN_${name}`, made.token);
    }
    for (const handle of ['canary-one', 'canary-two']) {
      await ask('/api/v1/people', { handle, name: 'A Canary', emails: [] });
      const { code } = await ask(`/api/v1/people/${handle}/link`, {});
      plant(`LINK_${handle}`, code);
      plant(`SIGNED_IN_${handle}`, (await ask('/api/v1/sign-in', { code })).token);
    }
    for (const { value } of wrongTokens) {
      await ask('/api/v1/me', undefined, { authorization: `Bearer ${value}` });
      await ask('/api/v1/me', undefined, { authorization: `Basic ${value}`, cookie: `__Host-liftlock=${value}` });
      await ask('/api/v1/sign-in', { code: value });
      await ask('/api/v1/projects/nest/hooks/gitlab', {}, { 'x-gitlab-token': value });
    }
    const remote =
      'version: 1\nproject: remote\ntrust: { signatures: none }\nenvironments: [{ name: far, kind: ci, verify: none, target: { kind: command, deploy: "" } }]\n';
    const source = `https://bot:${sourcePassword.value}@127.0.0.1:9/far.git?private_token=${sourceToken.value}`;
    const applied = await ask('/api/v1/projects', { text: remote, source });
    assert.equal(applied.project, 'remote', JSON.stringify(applied));
    await ask('/api/v1/projects', {
      text: 'version: 1\nproject: other\n',
      source: `ftp://x:${sourcePassword.value}@nowhere`,
    });
    const count = [...pipelineSecrets, ...wrongTokens, ...told].length + 6;
    assert.ok(count >= 45, `only ${count} canaries`);
    await until(
      async () => {
        const view = await ask('/api/v1/projects/nest/status');
        const far = await ask('/api/v1/projects/remote/status');
        const ended =
          view.environments?.filter((one: { last: unknown }) => one.last !== null).length === environments.length;
        return ended && far.source?.error !== null;
      },
      () => `not everything has ended:\n${server.stderr()}`,
    );
    const view = await ask('/api/v1/projects/nest/status');
    const outcomes = view.environments.map((one: { name: string; last: { outcome: string } }) => [
      one.name,
      one.last.outcome,
    ]);
    assert.deepEqual(Object.fromEntries(outcomes), {
      passing: 'succeeded',
      deploying: 'errored',
      verifying: 'failed',
      migrating: 'failed',
      serving: 'succeeded',
    });
    const { request } = await ask('/api/v1/projects/nest/environments/verifying/verify', {});
    await until(
      async () => (await ask(`/api/v1/verifications/${request}`)).state === 'ended',
      () => `the verification has not ended:\n${server.stderr()}`,
    );
  });

  test('would be found', () => {
    const [canary] = pipelineSecrets as readonly [Canary];
    const { value } = canary;
    const basic = Buffer.from(`bot:${value}`).toString('base64');
    for (const seen of [value, JSON.stringify(`x${value}`), basic, Buffer.from(value).toString('hex')])
      assert.equal(sightings([canary], [{ name: 'here', text: `before ${seen} after` }]).length, 1, seen);
  });

  test('stand in no answer of the API and no output of the command line', async () => {
    const document = await ask('/api/openapi.json');
    const { promotions } = await ask('/api/v1/projects/nest/promotions?limit=50');
    const subjects = ['build/1', ...environments, ...promotions.map(({ id }: { id: string }) => id)];
    const paths = Object.entries(document.paths as Record<string, object>)
      .filter(
        ([path, operations]) =>
          'get' in operations && !/\/events$|\{(?!project|environment|release|promotion)/.test(path),
      )
      .flatMap(([path]) => {
        const named = path.replace('{project}', 'nest').replace('{release}', '1');
        const each = named.includes('{environment}') ? environments : promotions.map(({ id }: { id: string }) => id);
        return /\{/.test(named) ? each.map((one: string) => named.replace(/\{\w+\}/, one)) : [named];
      })
      .flatMap((path) => {
        if (path.endsWith('/logs')) return subjects.map((subject) => `${path}?bytes=900000&subject=${subject}`);
        if (/\/(why|plan)$/.test(path)) return environments.map((one) => `${path}?release=1&environment=${one}`);
        return [path, path.replace('nest', 'remote')];
      });
    assert.ok(paths.length > 40, paths.join('\n'));
    const answers: Place[] = [];
    for (const path of new Set(paths)) answers.push({ name: path, text: text(await ask(path)) });
    assert.ok(
      answers.some(({ text: said }) => said.includes('[hidden]')),
      'something was hidden, so the commands did print',
    );
    const failing = ['deploying', 'verifying', 'migrating'];
    const lines = [
      'status',
      'events -n 200',
      'release show 1 --json',
      'webhook list',
      'doctor',
      ...failing.flatMap((one) => [`why 1 ${one}`, `logs ${one}`]),
    ];
    const say = async (line: string): Promise<Place> => {
      const { stdout, stderr } = await stage.liftlock([...line.split(' '), '--project', 'nest']);
      return { name: `liftlock ${line}`, text: stdout + stderr };
    };
    for (let at = 0; at < lines.length; at += 3) answers.push(...(await Promise.all(lines.slice(at, at + 3).map(say))));
    assertUnseen(answers);
  });

  test('stand in no table, no file of the database and no file of the home but where they were put', async () => {
    const database = await startEmbedded({ directory: join(home(), 'postgres'), clock: createClock() });
    assert.ok(database.adopted);
    const tables = await dump(database.url('liftlock'));
    assert.ok(tables.length > 30 && tables.some(({ text: rows }) => rows.includes('nest')));
    assertUnseen(tables);
    const client = new pg.Client({ connectionString: database.url('liftlock') });
    await client.connect();
    await client.query('checkpoint');
    await client.end();
    const own = ['secrets', 'token', 'workspaces', 'artifacts', 'repositories'];
    const files = filesUnder(home()).filter((path) => !own.includes(relative(home(), path).split('/')[0]!));
    assert.ok(files.some((path) => path.includes('processes')) && files.some((path) => path.includes('pg_wal')));
    const [written, pages] = [false, true].map((ofDatabase) =>
      files.filter((path) => relative(home(), path).startsWith('postgres') === ofDatabase),
    ) as [string[], string[]];
    assertUnseen(written.flatMap((path) => readIfThere(path, relative(home(), path))));
    // Tens of megabytes, in which the rows that were looked at above stand as they are.
    assertUnseen(
      pages.flatMap((path) => readIfThere(path, relative(home(), path))),
      (value) => formsOf(value).slice(0, 1),
    );
  });

  test('stand in no line of the log, also after the server has ended', async () => {
    server.child.kill('SIGINT');
    const { stdout, stderr } = await server.ended;
    assert.match(stderr, /"message":/);
    assertUnseen([
      { name: 'standard output', text: stdout },
      { name: 'standard error', text: stderr },
    ]);
  });

  function assertUnseen(places: readonly Place[], forms = formsOf): void {
    const fixed = [databasePassword, registryPassword, sourcePassword, sourceToken, workerToken, workerOnly];
    const canaries = [...pipelineSecrets, ...fixed, ...wrongTokens, ...told];
    assert.ok(canaries.every(({ value }) => formsOf(value).every((form) => form.length >= 6)));
    assert.deepEqual(sightings(canaries, places, forms), []);
  }
});

const text = (answer: unknown) => (typeof answer === 'string' ? answer : JSON.stringify(answer));

/** Every row of every table that is not PostgreSQL's own, as text. */
async function dump(url: string): Promise<readonly Place[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ schema: string; name: string }>(
      `select table_schema as schema, table_name as name from information_schema.tables
       where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')`,
    );
    const places: Place[] = [];
    for (const { schema, name } of rows) {
      const all = await client.query<{ row: string }>(`select t::text as row from "${schema}"."${name}" t`);
      places.push({ name: `${schema}.${name}`, text: all.rows.map(({ row }) => row).join('\n') });
    }
    return places;
  } finally {
    await client.end();
  }
}

/** What runs writes and removes files meanwhile. */
function readIfThere(path: string, name: string): readonly Place[] {
  try {
    return [{ name, text: readFileSync(path, 'latin1') }];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

function filesUnder(directory: string): readonly string[] {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) return filesUnder(path);
    return entry.isFile() && statSync(path).size > 0 ? [path] : [];
  });
}

/** The sample application and the changes that the demo makes to it do what the demo says they do. */
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { makeScratch, query, realClock as clock, type Scratch } from '../../src/adapters/postgres/embedded/scratch.ts';
import { startEmbedded } from '../../src/adapters/postgres/embedded/start-embedded.ts';
import { createEnvironmentDatabases } from '../../src/adapters/postgres/environment-databases.ts';
import { readPipeline } from '../../src/pipeline-file/read.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const examples = path.join(root, 'examples');

interface Stage {
  /** How it answers a visitor who speaks Portuguese. */
  readonly foreign?: number;
  /** Folders of examples/changes that are laid over the shop, in this order. */
  readonly changes: readonly string[];
  readonly line: RegExp;
  /** What testing finds. */
  readonly failures: readonly string[];
}

const announced = /three books or more travel free/;
const stages: Readonly<Record<string, Stage>> = {
  'the shop as it is': { changes: [], line: /sent tomorrow/, failures: [] },
  'the new greeting': { changes: ['01-new-greeting'], line: announced, failures: [] },
  'the broken total': {
    changes: ['01-new-greeting', '02-broken-total'],
    line: announced,
    failures: ['the total of an order is the price of all its copies'],
  },
  'the fix': { changes: ['01-new-greeting', '02-broken-total', '03-fix'], line: announced, failures: [] },
  // What no test asks for: only customers notice.
  'the languages': {
    changes: ['01-new-greeting', '02-broken-total', '03-fix', '04-languages'],
    line: announced,
    failures: [],
    foreign: 500,
  },
};

describe('the sample application', () => {
  let scratch: Scratch;
  let folder: string;
  let databaseUrl: (name: string) => Promise<string>;

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'liftlock sample '));
    scratch = await makeScratch();
    const server = await startEmbedded({ directory: scratch.directory, clock });
    await query(server.url('postgres'), 'CREATE DATABASE liftlock');
    const databases = createEnvironmentDatabases({ adminUrl: server.url('liftlock'), key: randomBytes(32) });
    databaseUrl = async (name) => (await databases.ensure(name)).url;
  });
  after(async () => {
    await scratch.remove();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  });

  test('its pipeline file is read without a problem or a warning', async () => {
    const reading = readPipeline(await readFile(path.join(examples, 'shop/liftlock.yaml'), 'utf8'), 'liftlock.yaml');
    assert.deepEqual(reading.ok ? reading.warnings : reading.problems, []);
    const names = reading.ok ? reading.pipeline.environments.map(({ name }) => name) : [];
    assert.deepEqual(names, ['development', 'testing', 'staging', 'production']);
  });

  test('every change that is described exists, and every one changes something', async () => {
    const changes = (await readdir(path.join(examples, 'changes'))).filter((name) => /^\d\d-/.test(name));
    assert.deepEqual(changes.toSorted(), stages['the languages']?.changes);
    for (const change of changes) {
      assert.match(await readFile(path.join(examples, 'changes', change, 'message.txt'), 'utf8'), /^\w+: .+\n\n.+/);
    }
    const broken = await readFile(path.join(examples, 'changes/02-broken-total/files/store.js'), 'utf8');
    const fixed = await readFile(path.join(examples, 'changes/03-fix/files/store.js'), 'utf8');
    assert.equal(fixed.replace('sum(b.price * l.copies)', 'sum(b.price)'), broken);
  });

  test('without the packages the build ends with a sentence that names the variable', async () => {
    const shop = await layOut(path.join(folder, 'without packages'), []);
    const { code, output } = await run(shop, ['build.js'], { BOOKSHOP_PACKAGES: folder });
    assert.equal(code, 1);
    assert.match(output, /pg is not installed around .*BOOKSHOP_PACKAGES/);
  });

  test('a migration against a database that is not there fails with a reason', async () => {
    const shop = await layOut(path.join(folder, 'without database'), []);
    assert.equal((await run(shop, ['build.js'], { BOOKSHOP_PACKAGES: root })).code, 0);
    const { code, output } = await run(shop, ['migrate.js'], { DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' });
    assert.equal(code, 1);
    assert.match(output, /migration failed: .*ECONNREFUSED/);
  });

  for (const [name, stage] of Object.entries(stages)) {
    test(`${name}: unit tests pass and testing finds ${stage.failures.length || 'no'} failure(s)`, async (t) => {
      const shop = await layOut(path.join(folder, name), stage.changes);
      const built = await run(shop, ['build.js'], { BOOKSHOP_PACKAGES: root });
      assert.equal(built.code, 0, built.output);
      const unit = await run(shop, ['--test', 'test/orders.test.js']);
      assert.equal(unit.code, 0, unit.output);

      // One database for all stages, as in an environment.
      const variables = {
        DATABASE_URL: await databaseUrl('testing'),
        LIFTLOCK_RELEASE: 'rel_1',
        LIFTLOCK_ENVIRONMENT: 'testing',
      };
      const migrations = await Promise.all([
        run(shop, ['migrate.js'], variables),
        run(shop, ['migrate.js'], variables),
      ]);
      assert.deepEqual(
        migrations.map(({ code }) => code),
        [0, 0],
        migrations.map(({ output }) => output).join('\n'),
      );

      const service = await start(shop, variables);
      t.after(() => service.child.kill('SIGKILL'));
      assert.match(await (await fetch(service.url)).text(), stage.line);
      const foreign = await fetch(service.url, { headers: { 'accept-language': 'pt' } });
      assert.equal(foreign.status, stage.foreign ?? 200);
      const acceptance = [
        '--test',
        '--test-reporter=junit',
        '--test-reporter-destination=acceptance.xml',
        'test/acceptance.js',
      ];
      const verdict = await run(shop, acceptance, { ...variables, LIFTLOCK_URL: service.url });
      assert.equal(verdict.code, stage.failures.length === 0 ? 0 : 1, verdict.output);
      const report = await readFile(path.join(shop, 'acceptance.xml'), 'utf8');
      const failed = [...report.matchAll(/<testcase name="([^"]+)"[^>]*[^/]>\s*<failure/g)].map(
        ([, testName]) => testName,
      );
      assert.deepEqual(failed, stage.failures);
      assert.ok([...report.matchAll(/<testcase /g)].length >= 7);
      const smoke = await run(shop, ['--test', 'test/smoke.js'], { ...variables, LIFTLOCK_URL: service.url });
      assert.equal(smoke.code, 0, smoke.output);
      assert.deepEqual(
        await (await fetch(new URL('/orders', service.url))).json(),
        [],
        'acceptance leaves no orders behind',
      );

      service.child.kill('SIGTERM');
      assert.deepEqual(await once(service.child, 'exit'), [0, null]);
    });
  }

  test('a migration that was changed after it was applied is refused', async () => {
    const shop = await layOut(path.join(folder, 'changed migration'), []);
    const variables = { DATABASE_URL: await databaseUrl('changed') };
    await run(shop, ['build.js'], { BOOKSHOP_PACKAGES: root });
    assert.equal((await run(shop, ['migrate.js'], variables)).code, 0);
    await writeFile(path.join(shop, 'migrations/0001-books-and-orders.sql'), 'SELECT 1');
    const { code, output } = await run(shop, ['migrate.js'], variables);
    assert.equal(code, 1);
    assert.match(output, /0001-books-and-orders.sql was changed after it was applied/);
  });
});

async function layOut(shop: string, changes: readonly string[]): Promise<string> {
  await mkdir(shop);
  await cp(path.join(examples, 'shop'), shop, { recursive: true });
  for (const change of changes) await cp(path.join(examples, 'changes', change, 'files'), shop, { recursive: true });
  return shop;
}

/** The commands see what Liftlock would give them, and nothing of this test run. */
function environment(variables: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  return { PATH: path.dirname(process.execPath), HOME: tmpdir(), ...variables };
}

async function run(
  cwd: string,
  args: readonly string[],
  variables: Readonly<Record<string, string>> = {},
): Promise<{ code: number | null; output: string }> {
  const child = spawn(process.execPath, args, { cwd, env: environment(variables), stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, output };
}

async function start(
  cwd: string,
  variables: Readonly<Record<string, string>>,
): Promise<{ child: ChildProcess; url: string }> {
  const env = environment({ ...variables, PORT: '0' });
  const child = spawn(process.execPath, ['server.js'], { cwd, env, stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const line of createInterface({ input: child.stdout })) {
    const { message, port } = JSON.parse(line) as { message: string; port?: number };
    if (message === 'listening') return { child, url: `http://127.0.0.1:${port}/` };
  }
  throw new Error('the shop ended before it listened');
}

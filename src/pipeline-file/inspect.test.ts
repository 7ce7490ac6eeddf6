import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { promisify } from 'node:util';
import { Failure } from '../domain/base/failure.ts';
import type { Findings } from './findings.ts';
import { inspectRepository } from './inspect.ts';
import type { AskGit } from './inspect.ts';
import { formatProblem } from './problem.ts';
import { readPipeline } from './read.ts';
import { writePipeline } from './write.ts';

const run = promisify(execFile);

function gitIn(directory: string): AskGit {
  const environment = {
    PATH: process.env['PATH'] ?? '',
    HOME: directory,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CEILING_DIRECTORIES: dirname(directory),
  };
  return async (args) => {
    try {
      return (await run('git', [...args], { cwd: directory, env: environment })).stdout.trim();
    } catch {
      return undefined;
    }
  };
}

/** A fresh folder, with a space in its path, that holds these files; a name that ends in / is a folder. */
function folder(t: TestContext, files: Readonly<Record<string, string>>): string {
  const parent = mkdtempSync(join(tmpdir(), 'liftlock inspect '));
  t.after(() => rmSync(parent, { recursive: true, force: true }));
  const root = join(parent, 'Web Shop');
  mkdirSync(root);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(path.endsWith('/') ? join(root, path) : dirname(join(root, path)), { recursive: true });
    if (!path.endsWith('/')) writeFileSync(join(root, path), text);
  }
  return root;
}

async function inspect(root: string): Promise<Findings> {
  const findings = await inspectRepository(root, { git: gitIn(root) });
  const reading = readPipeline(writePipeline(findings), 'liftlock.yaml');
  assert.deepEqual(reading.ok ? reading.warnings.map(formatProblem) : reading.problems.map(formatProblem), []);
  return findings;
}

test('a Node service with everything is seen whole', async (t) => {
  const root = folder(t, {
    'package.json': JSON.stringify({
      name: '@acme/shop',
      scripts: {
        build: 'tsc -p .',
        start: 'node dist/server.js',
        test: 'node --test --test-reporter=junit --test-reporter-destination=reports/junit.xml',
        'db:migrate': 'node migrate.js',
      },
      dependencies: { pg: '8' },
    }),
    'package-lock.json': '{}',
    'src/server.ts': "app.get('/healthz', () => 'ok');",
    Dockerfile: 'FROM node',
    'docker-compose.yml': 'services: {}',
    'migrations/0001.sql': '',
  });
  assert.deepEqual(await inspect(root), {
    project: 'shop',
    mainBranch: 'main',
    soleAuthor: true,
    packages: { manager: 'npm', lockfile: 'package-lock.json' },
    scripts: { build: 'npm run build', start: 'node dist/server.js', test: 'npm test', migrate: 'npm run db:migrate' },
    dockerfile: 'Dockerfile',
    compose: 'docker-compose.yml',
    migrations: 'migrations',
    testReport: 'reports/junit.xml',
    healthPath: '/healthz',
    mentionsPort: false,
    needsDatabase: true,
  });
});

test('what a private registry and a developer need is seen, too', async (t) => {
  const root = folder(t, {
    'package.json': JSON.stringify({ scripts: { dev: 'json-server db.json' } }),
    '.npmrc': '//registry.example.org/:_authToken=${NPM_TOKEN}\n@acme:registry=https://registry.example.org/\n',
  });
  const found = await inspect(root);
  assert.deepEqual(found.scripts, { startPerhaps: 'npm run dev' });
  assert.deepEqual(found.buildVariables, ['NPM_TOKEN']);
});

test('a service that asks for a DATABASE_URL needs a database, unless it speaks to another one', async (t) => {
  const files = { 'server.js': 'start(process.env.PORT, process.env.DATABASE_URL)' };
  const found = await inspect(folder(t, { 'package.json': '{}', ...files }));
  assert.deepEqual([found.needsDatabase, found.mentionsPort], [true, true]);
  const other = await inspect(folder(t, { 'package.json': '{"dependencies":{"mysql2":"3"}}', ...files }));
  assert.equal(other.needsDatabase, false);
});

test('an empty folder is named after itself, and nothing else is claimed', async (t) => {
  assert.deepEqual(await inspect(folder(t, {})), {
    project: 'Web Shop',
    mainBranch: 'main',
    soleAuthor: true,
    scripts: {},
    needsDatabase: false,
  });
});

test('lockfiles name the package manager, and without one the package does', async (t) => {
  for (const [file, expected] of [
    ['pnpm-lock.yaml', { manager: 'pnpm', lockfile: 'pnpm-lock.yaml' }],
    ['yarn.lock', { manager: 'yarn', lockfile: 'yarn.lock' }],
    ['bun.lock', { manager: 'bun', lockfile: 'bun.lock' }],
    ['other.txt', { manager: 'yarn' }],
  ] as const) {
    const found = await inspect(
      folder(t, { 'package.json': '{"packageManager":"yarn@4.1.0","scripts":{"build":"x"}}', [file]: '' }),
    );
    assert.deepEqual(found.packages, expected);
    assert.equal(found.scripts.build, `${expected.manager} run build`);
  }
});

test("npm's own placeholder is not a test", async (t) => {
  const found = await inspect(
    folder(t, { 'package.json': '{"scripts":{"test":"echo \\"Error: no test specified\\" && exit 1"}}' }),
  );
  assert.deepEqual(found.scripts, {});
});

test('a service is started by its script, its server.js, its main file or its command, in this order', async (t) => {
  const files = { 'server.js': '', 'main.js': '', 'cli.mjs': '' };
  const starts = async (packageFile: object, present: Readonly<Record<string, string>>): Promise<string | undefined> =>
    (await inspect(folder(t, { 'package.json': JSON.stringify(packageFile), ...present }))).scripts.start;
  assert.equal(await starts({ scripts: { start: 'next start' }, main: 'main.js' }, files), 'npm start');
  assert.equal(await starts({ scripts: { start: 'node main.js', prestart: 'x' } }, files), 'npm start');
  assert.equal(await starts({ scripts: { start: 'node main.js && echo' } }, files), 'npm start');
  assert.equal(await starts({ main: 'main.js' }, files), 'node server.js');
  assert.equal(await starts({ main: './main.js', bin: 'cli.mjs' }, { 'main.js': '', 'cli.mjs': '' }), 'node main.js');
  assert.equal(
    await starts({ main: 'dist/missing.js', bin: { shop: './cli.mjs' } }, { 'cli.mjs': '' }),
    'node cli.mjs',
  );
  assert.equal(await starts({ main: 'missing.js' }, {}), undefined);
});

test('migration folders mean a database, and prisma brings its own command', async (t) => {
  for (const path of ['migrations/', 'db/migrate/', 'src/migrations/']) {
    const found = await inspect(folder(t, { [path]: '' }));
    assert.deepEqual([found.migrations, found.needsDatabase], [path.slice(0, -1), true]);
  }
  const prisma = await inspect(folder(t, { 'package.json': '{}', 'prisma/migrations/': '' }));
  assert.deepEqual([prisma.migrations, prisma.scripts.migrate], ['prisma/migrations', 'npx prisma migrate deploy']);
});

test('packages that speak to another database do not ask for PostgreSQL', async (t) => {
  const needs = async (dependencies: object): Promise<boolean> =>
    (await inspect(folder(t, { 'package.json': JSON.stringify({ dependencies }) }))).needsDatabase;
  assert.deepEqual(
    [
      await needs({ knex: '3' }),
      await needs({ knex: '3', mysql2: '3' }),
      await needs({ pg: '8', sqlite3: '5' }),
      await needs({ express: '4' }),
    ],
    [true, false, true, false],
  );
});

test('test reports are found where reporters are configured', async (t) => {
  const report = async (packageFile: object): Promise<string | undefined> =>
    (await inspect(folder(t, { 'package.json': JSON.stringify(packageFile) }))).testReport;
  assert.equal(
    await report({ scripts: { test: 'vitest run --reporter=junit --outputFile=./out/junit.xml' } }),
    'out/junit.xml',
  );
  assert.equal(
    await report({ devDependencies: { 'jest-junit': '16' }, jest: { reporters: ['default', 'jest-junit'] } }),
    'junit.xml',
  );
  assert.equal(await report({ devDependencies: { 'jest-junit': '16' } }), undefined);
  assert.equal(
    await report({
      scripts: { test: 'mocha --reporter mocha-junit-reporter' },
      devDependencies: { 'mocha-junit-reporter': '2' },
    }),
    'test-results.xml',
  );
});

test("a health path comes from the sources, else from the Dockerfile's health check", async (t) => {
  assert.equal(
    (await inspect(folder(t, { 'app.test.js': '"/healthz"', 'lib/routes.js': 'router.get("/api/health", ok)' })))
      .healthPath,
    '/api/health',
  );
  assert.equal(
    (
      await inspect(
        folder(t, {
          Dockerfile: 'FROM x\nHEALTHCHECK --interval=5s \\\n  CMD curl -f http://localhost:8080/ping || exit 1\n',
        }),
      )
    ).healthPath,
    '/ping',
  );
  assert.equal((await inspect(folder(t, { 'app.js': 'const x = "/healthz-like"' }))).healthPath, undefined);
});

test('the main branch is the one of the remote, else main or master, else the one checked out', async (t) => {
  const root = folder(t, { 'a.txt': '' });
  const git = gitIn(root);
  const branch = async (): Promise<string> => (await inspect(root)).mainBranch;
  assert.notEqual(await git(['init', '-q', '-b', 'trunk']), undefined);
  assert.equal(await branch(), 'trunk');
  await git(['-c', 'user.name=a', '-c', 'user.email=a@example.org', 'commit', '-q', '--allow-empty', '-m', 'first']);
  await git(['branch', 'master']);
  assert.equal(await branch(), 'master');
  await git(['branch', 'main']);
  assert.equal(await branch(), 'main');
  await git(['update-ref', 'refs/remotes/origin/release/next', 'HEAD']);
  await git(['symbolic-ref', 'refs/remotes/origin/HEAD', 'refs/remotes/origin/release/next']);
  assert.equal(await branch(), 'release/next');
});

test('a package.json that is none is a failure that names the file', async (t) => {
  for (const text of ['{', '[]', '"x"']) {
    const root = folder(t, { 'package.json': text });
    await assert.rejects(
      inspect(root),
      (failure) =>
        failure instanceof Failure &&
        failure.code === 'input/invalid' &&
        failure.message.includes(join(root, 'package.json')),
    );
  }
});

test('a package.json of strange shapes claims nothing', async (t) => {
  const found = await inspect(
    folder(t, { 'package.json': '\uFEFF{"name":7,"scripts":["x"],"bin":{"a":1},"main":null,"dependencies":"pg"}' }),
  );
  assert.deepEqual(
    { ...found, packages: undefined },
    {
      project: 'Web Shop',
      mainBranch: 'main',
      soleAuthor: true,
      packages: undefined,
      scripts: {},
      needsDatabase: false,
    },
  );
});

test('files that are folders, links that lead nowhere or in a circle, and enormous files are passed over', async (t) => {
  const root = folder(t, {
    'package.json/': '',
    'Dockerfile/': '',
    'src/big.js': `${' '.repeat(1024 * 1024)} "/healthz"`,
  });
  symlinkSync('nowhere', join(root, 'server.js'));
  symlinkSync('app', join(root, 'app'));
  assert.deepEqual(await inspect(root), {
    project: 'Web Shop',
    mainBranch: 'main',
    soleAuthor: true,
    scripts: {},
    needsDatabase: false,
  });
});

test('a directory that does not exist is a failure', async (t) => {
  const root = join(folder(t, {}), 'missing');
  await assert.rejects(
    inspectRepository(root, { git: async () => undefined }),
    (failure) => failure instanceof Failure && failure.code === 'input/invalid',
  );
});

test('R22: whether one person wrote everything is read from the history, co-authors included', async (t) => {
  const root = folder(t, { 'index.html': '<p>' });
  const git = gitIn(root);
  assert.equal((await inspect(root)).soleAuthor, true, 'nobody could be asked before there is a repository');
  const commit = (author: string, message: string) =>
    git(['-c', `user.email=${author}`, '-c', 'user.name=Ann', 'commit', '--quiet', '--allow-empty', '-m', message]);
  await git(['init', '--quiet']);
  assert.equal((await inspect(root)).soleAuthor, true, 'nor before the first commit');
  const broken = await inspectRepository(root, { git: async () => undefined });
  assert.equal(broken.soleAuthor, undefined, 'a history that cannot be read says nothing');
  await commit('ann@example.org', 'one');
  await commit('Ann@Example.org', 'two\n\nCo-authored-by: Ann <ann@example.org>');
  assert.equal((await inspect(root)).soleAuthor, true);
  await commit('ann@example.org', 'three\n\nCo-authored-by: Bob <bob@example.org>');
  assert.equal((await inspect(root)).soleAuthor, undefined);
});

test('whether main is signed is read from its newest commit as it is stored', async (t) => {
  const root = folder(t, { 'index.html': '<p>' });
  const stored = (headers: string) => async (args: readonly string[]) =>
    args.includes('--format=raw') ? `commit 1\ntree 2\n${headers}\n    gpgsig in a message` : undefined;
  const signed = async (headers: string) => (await inspectRepository(root, { git: stored(headers) })).signed;
  assert.equal(await signed('gpgsig -----BEGIN SSH SIGNATURE-----\n'), true);
  assert.equal(await signed(''), undefined);
  assert.equal((await inspect(root)).signed, undefined);
});

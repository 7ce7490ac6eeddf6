import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { promisify } from 'node:util';
import { findRuntime, program, usableRuntime, type Runtime } from './runtime.ts';

const run = promisify(execFile);
const here = findRuntime(`${process.platform}-${process.arch}`);
const isRoot = process.getuid?.() === 0;
const nobody = { uid: 65534, gid: 65534 };

test('a platform without a package is a failure that says what to do', () => {
  assert.throws(() => findRuntime('plan9-mips'), {
    code: 'database/unsupported',
    message: /plan9-mips/,
    hint: /DATABASE_URL/,
  });
});

test('links that npm did not make are made in place, also when asked twice at once', async (t) => {
  const { packaged, top } = await unpacked(t);
  const place = { directory: top, account: undefined };
  const [first, second] = await Promise.all([usableRuntime(packaged, place), usableRuntime(packaged, place)]);
  assert.deepEqual([first.native, second.native], [packaged.native, packaged.native]);
  assert.match((await run(program(first, 'initdb'), ['--version'])).stdout, /PostgreSQL/);
});

test(
  'a package that cannot be written is copied into the directory',
  { skip: isRoot && 'root can write everywhere' },
  async (t) => {
    const { packaged, top } = await unpacked(t);
    const lib = path.join(packaged.native, 'lib');
    await chmod(lib, 0o555);
    await copiedAndRuns(packaged, path.join(top, 'data'), undefined).finally(() => chmod(lib, 0o755));
  },
);

test(
  'as root, a package below a closed directory is copied to where the account can run it',
  { skip: !isRoot && 'only root runs the server as another user' },
  async (t) => {
    const { packaged, top } = await unpacked(t);
    await chmod(path.dirname(path.dirname(packaged.native)), 0o700);
    await chmod(top, 0o755);
    await copiedAndRuns(packaged, path.join(top, 'data'), nobody);
  },
);

async function copiedAndRuns(packaged: Runtime, directory: string, account: typeof nobody | undefined): Promise<void> {
  await mkdir(directory, { mode: 0o755 });
  const places = await Promise.all([1, 2].map(() => usableRuntime(packaged, { directory, account })));
  const [copy] = places;
  assert.ok(copy !== undefined && copy.native.startsWith(directory), copy?.native);
  assert.deepEqual(await readdir(directory), [path.basename(copy.native)]);
  assert.match((await run(program(copy, 'initdb'), ['--version'], { cwd: '/', ...account })).stdout, /PostgreSQL/);
  assert.match((await run(program(copy, 'postgres'), ['--version'], { cwd: '/', ...account })).stdout, /PostgreSQL/);
  assert.ok((await readdir(path.join(copy.native, 'lib'))).every((name) => !name.endsWith('.a')));
}

/** A copy of the installed package as npm leaves it when it may not run install scripts: without links. */
async function unpacked(t: TestContext): Promise<{ readonly packaged: Runtime; readonly top: string }> {
  const top = await mkdtemp(path.join(tmpdir(), 'liftlock runtime '));
  t.after(() => rm(top, { recursive: true, force: true }));
  const native = path.join(top, 'closed', 'package', 'native');
  await cp(here.native, native, { recursive: true, verbatimSymlinks: true });
  const links = JSON.parse(await readFile(path.join(native, 'pg-symlinks.json'), 'utf8')) as readonly {
    target: string;
  }[];
  for (const { target } of links) await rm(path.join(native, '..', target), { force: true });
  return { packaged: { ...here, native }, top };
}

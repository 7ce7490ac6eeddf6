import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmod,
  lstat,
  mkdir,
  mkdtemp,
  readFile,
  readdir,
  readlink,
  realpath,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import fc from 'fast-check';
import { createWorkspaces } from '../../src/adapters/workspaces/workspaces.ts';
import { Failure } from '../../src/domain/base/failure.ts';

let directory = '';
let root = '';
let source = '';

before(async () => {
  directory = await mkdtemp(join(await realpath(tmpdir()), 'liftlock workspaces '));
  root = join(directory, 'home of workspaces');
  source = join(directory, 'read only');
  await mkdir(join(source, 'deep', 'er'), { recursive: true });
  await writeFile(join(source, 'run.sh'), '#!/bin/sh\n', { mode: 0o555 });
  await writeFile(join(source, 'deep', 'er', 'text'), 'text', { mode: 0o444 });
  await symlink('deep/er', join(source, 'link'));
  for (const path of ['deep/er', 'deep', '.']) await chmod(join(source, path), 0o555);
});
after(async () => {
  execFileSync('chmod', ['-R', 'u+rwX', directory]);
  await rm(directory, { recursive: true, force: true });
});

const workspaces = () => createWorkspaces({ directory: root });

test('a copy is writable everywhere, keeps what may be executed and which links there are', async () => {
  const copy = await workspaces().copyOf(source, 'deploy/dep_1');
  await writeFile(join(copy, 'deep', 'er', 'new'), '');
  await writeFile(join(copy, 'deep', 'er', 'text'), 'changed');
  assert.equal(await readFile(join(source, 'deep', 'er', 'text'), 'utf8'), 'text');
  assert.equal((await stat(join(copy, 'run.sh'))).mode & 0o777, 0o755);
  assert.equal(await readlink(join(copy, 'link')), 'deep/er');
  assert.equal((await stat(copy)).mode & 0o077, 0);
});

test('the copy made before is kept with what was written into it', async () => {
  const copy = await workspaces().copyOf(source, 'kept');
  await writeFile(join(copy, 'mine'), 'x');
  assert.equal(await workspaces().copyOf(source, 'kept'), copy);
  assert.equal(await readFile(join(copy, 'mine'), 'utf8'), 'x');
});

test('many who ask for the same copy at once get the one, whole', async () => {
  const copies = await Promise.all(Array.from({ length: 8 }, () => workspaces().copyOf(source, 'popular')));
  assert.equal(new Set(copies).size, 1);
  assert.deepEqual((await readdir(copies[0] ?? '')).sort(), ['deep', 'link', 'run.sh']);
  assert.deepEqual(
    (await readdir(root)).filter((name) => name.startsWith('popular')),
    ['popular'],
  );
});

test('a fresh workspace is empty, whatever was there', async () => {
  const first = await workspaces().fresh('build/bld_1/1');
  await mkdir(join(first, 'locked'));
  await writeFile(join(first, 'locked', 'file'), 'x');
  await chmod(join(first, 'locked'), 0o500);
  const second = await workspaces().fresh('build/bld_1/1');
  assert.equal(second, first);
  assert.deepEqual(await readdir(second), []);
});

test('an existing workspace is found as it was left, and an absent one is a failure', async () => {
  const workspace = await workspaces().fresh('left');
  await writeFile(join(workspace, 'mine'), 'x');
  assert.equal(await workspaces().existing('left'), workspace);
  assert.deepEqual(await readdir(workspace), ['mine']);
  await workspaces().remove('left');
  await assert.rejects(workspaces().existing('left'), { code: 'process/lost' });
});

test('a removed workspace is gone, read-only parts included, and removing nothing is fine', async () => {
  const copy = await workspaces().copyOf(source, 'old');
  await chmod(join(copy, 'deep'), 0o500);
  await chmod(copy, 0o500);
  await workspaces().remove('old');
  await workspaces().remove('old');
  await workspaces().remove('never-there');
  assert.deepEqual(
    (await readdir(root)).filter((name) => name.startsWith('old')),
    [],
  );
  assert.equal(await readFile(join(source, 'deep', 'er', 'text'), 'utf8'), 'text');
});

test('removing one workspace leaves those whose key begins the same', async () => {
  const longer = await workspaces().fresh('a/b');
  await workspaces().fresh('a');
  await workspaces().remove('a');
  assert.ok((await stat(longer)).isDirectory());
});

test('two keys never share a directory, and no key leads out of the home', async () => {
  const paths = await Promise.all(['x/y', 'x.y', 'X/y', 'x_y'].map((key) => workspaces().fresh(key)));
  assert.equal(new Set(paths.map((path) => path.toLowerCase())).size, paths.length);
  for (const key of ['', '.', '..', '../x', 'a/../b', '/a', 'a//b', 'a#b', 'a b', 'ä', 'x'.repeat(300)]) {
    await assert.rejects(workspaces().fresh(key), { code: 'input/invalid' });
  }
});

test('a copy that was killed half-way is not taken for a whole one', { timeout: 60_000 }, async () => {
  const large = join(directory, 'large');
  await mkdir(large);
  for (let index = 0; index < 1_000; index++) await writeFile(join(large, `file ${index}`), 'x');
  const program = `import { createWorkspaces } from ${JSON.stringify(new URL('../../src/adapters/workspaces/workspaces.ts', import.meta.url).href)};
    await createWorkspaces({ directory: ${JSON.stringify(root)} }).copyOf(${JSON.stringify(large)}, 'killed');`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: 'ignore' });
  const gone = new Promise((resolve) => child.once('exit', resolve));
  while ((await readdir(root)).every((name) => !name.startsWith('killed')) && child.exitCode === null) await delay(1);
  child.kill('SIGKILL');
  await gone;
  const copy = await workspaces().copyOf(large, 'killed');
  assert.equal((await readdir(copy)).length, 1_000);
  await workspaces().remove('killed');
  assert.deepEqual(
    (await readdir(root)).filter((name) => name.startsWith('killed')),
    [],
  );
});

test('what cannot be copied is refused and leaves nothing behind', async () => {
  const odd = join(directory, 'odd');
  await mkdir(odd);
  execFileSync('mkfifo', [join(odd, 'pipe')]);
  await assert.rejects(workspaces().copyOf(odd, 'odd'), { code: 'artifact/invalid' });
  await assert.rejects(workspaces().copyOf(join(directory, 'absent'), 'odd'), { code: 'process/refused' });
  assert.deepEqual(
    (await readdir(root)).filter((name) => name.startsWith('odd')),
    [],
  );
});

test('a path inside is answered whether or not it exists', async () => {
  const copy = await workspaces().copyOf(source, 'paths');
  const { inside } = workspaces();
  assert.equal(inside(copy, '.'), copy);
  assert.equal(inside(copy, 'deep/er/text'), join(copy, 'deep', 'er', 'text'));
  assert.equal(inside(copy, 'link/text'), join(copy, 'link', 'text'));
  assert.equal(inside(copy, 'out/report.xml'), join(copy, 'out', 'report.xml'));
  assert.equal(inside(copy, '..text'), join(copy, '..text'));
});

test('no path leads outside, not through links either', async () => {
  const copy = await workspaces().copyOf(source, 'escapes');
  const { inside } = workspaces();
  await symlink('/etc', join(copy, 'absolute'));
  await symlink('../..', join(copy, 'up'));
  await symlink('absent', join(copy, 'dangling'));
  await symlink('loop', join(copy, 'loop'));
  await symlink(`${copy}-beside`, join(copy, 'beside'));
  await mkdir(`${copy}-beside`);
  for (const path of [
    '/etc/passwd',
    '..',
    'deep/../..',
    'a/../b',
    'absolute/passwd',
    'up/x',
    'dangling',
    'dangling/x',
    'loop',
    'beside',
    'a\0b',
    '..\\x',
  ]) {
    assert.throws(() => inside(copy, path), { code: 'input/invalid' }, path);
  }
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.constantFrom('..', '.', '/', 'up', 'absolute', 'deep', '\\', ''), fc.string()), {
        maxLength: 6,
      }),
      (parts) => {
        try {
          const path = inside(copy, parts.join('/'));
          assert.ok(path === copy || path.startsWith(`${copy}/`), path);
        } catch (error) {
          assert.ok(
            error instanceof Failure || (error as NodeJS.ErrnoException).code === 'ENAMETOOLONG',
            String(error),
          );
        }
      },
    ),
  );
});

test('files of a folder are told with their digests in the same order everywhere', async () => {
  const workspace = await workspaces().fresh('migrations');
  await mkdir(join(workspace, 'migrations', 'later'), { recursive: true });
  const contents = {
    'migrations/0001-b.sql': 'b',
    'migrations/0002.sql': '',
    'migrations/Z.sql': 'z',
    'migrations/later/0003.sql': 'c',
  };
  for (const [path, content] of Object.entries(contents)) await writeFile(join(workspace, path), content);
  await symlink('0002.sql', join(workspace, 'migrations', 'same.sql'));
  const told = await workspaces().files(workspace, 'migrations');
  const expected = Object.entries({ ...contents, 'migrations/same.sql': '' }).map(([path, content]) => ({
    path,
    sha256: createHash('sha256').update(content).digest('hex'),
  }));
  assert.deepEqual(told, expected);
  assert.deepEqual(await workspaces().files(workspace, 'absent'), []);
  assert.deepEqual(await workspaces().files(workspace, 'migrations/0002.sql'), []);
});

test('a file that a link brings in from outside is refused', async () => {
  const workspace = await workspaces().fresh('smuggled');
  await mkdir(join(workspace, 'migrations'));
  await symlink('/etc/passwd', join(workspace, 'migrations', '0001.sql'));
  await assert.rejects(workspaces().files(workspace, 'migrations'), { code: 'input/invalid' });
  assert.ok((await lstat(join(workspace, 'migrations', '0001.sql'))).isSymbolicLink());
});

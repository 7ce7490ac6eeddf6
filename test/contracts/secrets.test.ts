import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { createFileSecrets } from '../../src/adapters/secrets/file-secrets.ts';
import { Failure } from '../../src/domain/base/failure.ts';

let directory = '';
const scope = { project: 'shop', environment: 'staging' };
const read = (name: string, where = scope) => createFileSecrets({ directory }).read(where, name);

before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'liftlock secrets '));
  await mkdir(join(directory, 'shop', 'staging'), { recursive: true });
});
after(() => rm(directory, { recursive: true, force: true }));

async function put(path: string, content: string | Uint8Array, mode = 0o600): Promise<void> {
  await writeFile(join(directory, path), content);
  await chmod(join(directory, path), mode);
}

function refusedFor(because: RegExp): (error: unknown) => boolean {
  return (error) =>
    error instanceof Failure &&
    error.code === 'secret/missing' &&
    because.test(error.message) &&
    error.hint !== undefined;
}

test('the value of the environment comes before the one of the project', async () => {
  await put('shop/KEY', 'for all\n');
  assert.equal(await read('KEY'), 'for all');
  await put('shop/staging/KEY', 'for staging\r\n');
  assert.equal(await read('KEY'), 'for staging');
  assert.equal(await read('KEY', { project: 'shop', environment: 'production' }), 'for all');
});

test('a secret that nobody wrote is undefined, and so is one whose name is an environment', async () => {
  assert.equal(await read('ABSENT'), undefined);
  assert.equal(await read('staging', { project: 'shop', environment: 'qa' }), undefined);
  assert.equal(await read('KEY', { project: 'nobody', environment: 'qa' }), undefined);
});

test('only one line end is left off; everything else belongs to the value', async () => {
  await put('shop/LINES', ' a\nb \n\n');
  assert.equal(await read('LINES'), ' a\nb \n');
});

test('a file that others may read is refused with what to do', async () => {
  for (const mode of [0o644, 0o640, 0o604, 0o620]) {
    await put('shop/OPEN', 'x', mode);
    await assert.rejects(
      read('OPEN'),
      (error) =>
        refusedFor(/others than its owner/)(error) && (error as Failure).hint?.startsWith('chmod 600') === true,
    );
  }
  await put('shop/OPEN', 'x', 0o400);
  assert.equal(await read('OPEN'), 'x');
});

test('an open file is not made secret by a link to it', async () => {
  await put('shop/PUBLIC', 'x', 0o644);
  await symlink('PUBLIC', join(directory, 'shop', 'LINKED'));
  await assert.rejects(read('LINKED'), refusedFor(/others than its owner/));
});

test('what is no usable value is refused instead of being passed on', async () => {
  await put('shop/EMPTY', '\n');
  await put('shop/BINARY', Uint8Array.of(0xff, 0xfe));
  await put('shop/NUL', 'a\0b');
  await put('shop/HUGE', 'x'.repeat(64 * 1024 + 1));
  await assert.rejects(read('EMPTY'), refusedFor(/empty/));
  await assert.rejects(read('BINARY'), refusedFor(/UTF-8/));
  await assert.rejects(read('NUL'), refusedFor(/UTF-8/));
  await assert.rejects(read('HUGE'), refusedFor(/larger/));
});

test('a pipe is refused without waiting for a writer', { timeout: 10_000 }, async () => {
  execFileSync('mkfifo', ['-m', '600', join(directory, 'shop', 'PIPE')]);
  await assert.rejects(read('PIPE'), refusedFor(/plain file/));
});

test('no name leads out of the directory', async () => {
  for (const name of ['..', '../KEY', 'a/b', '/etc/passwd', '', '.', 'a\0', 'a\\b', 'x\n']) {
    const parts = [read(name), read('KEY', { ...scope, project: name }), read('KEY', { ...scope, environment: name })];
    for (const part of parts) await assert.rejects(part, { code: 'input/invalid' });
  }
  await fc.assert(
    fc.asyncProperty(fc.string(), async (name) => {
      const outcome = await read(name).catch((error: unknown) => error);
      assert.ok(outcome === undefined || typeof outcome === 'string' || outcome instanceof Failure);
    }),
  );
});

test('the value never stands in a message', async () => {
  await put('shop/SHOUT', 'hunter2', 0o666);
  await assert.rejects(read('SHOUT'), (error: Failure) => !`${error.message}${error.hint}`.includes('hunter2'));
});

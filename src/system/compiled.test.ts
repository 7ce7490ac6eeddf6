import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';

const program = `import { compiledBefore } from ${JSON.stringify(new URL('./compiled.ts', import.meta.url).href)};
console.log(JSON.stringify(compiledBefore()));`;

async function toldBy(environment: Readonly<Record<string, string>>): Promise<Record<string, string>> {
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program], {
    env: environment,
  });
  return JSON.parse(stdout);
}

test('what a process compiled is there for those that it starts, and for those that they start', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'liftlock compiled '));
  try {
    const first = await toldBy({ NODE_COMPILE_CACHE: directory });
    assert.deepEqual(first, { NODE_COMPILE_CACHE: directory });
    assert.deepEqual(await toldBy(first), first);
    assert.equal((await readdir(directory)).length, 1, 'one folder for one version with the same flags');
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});

test('where nothing is kept, nothing is said', async () => {
  assert.deepEqual(await toldBy({}), {});
});

import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { readJson, writeWhole } from './whole-file.ts';

test('what cannot be written leaves nothing behind, and what was there before', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'liftlock-whole-'));
  try {
    const file = join(directory, 'state.json');
    await writeWhole(file, '{"a":1}');
    await assert.rejects(writeWhole(file, { not: 'a content' } as unknown as string));
    assert.deepEqual(await readJson(file), { a: 1 });
    await rm(file);
    await mkdir(file);
    await assert.rejects(writeWhole(file, '{"a":2}'), { code: 'EISDIR' });
    assert.deepEqual(await readdir(directory), ['state.json']);
  } finally {
    await rm(directory, { recursive: true });
  }
});

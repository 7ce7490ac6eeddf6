import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { flushEach, flushTree } from './flush-tree.ts';

test('a read-only tree is flushed either way, links left alone, and an absent one is an error', async () => {
  const root = mkdtempSync(join(tmpdir(), 'liftlock flush '));
  try {
    mkdirSync(join(root, 'sub'));
    writeFileSync(join(root, 'sub', 'file'), 'text', { mode: 0o444 });
    symlinkSync('nowhere', join(root, 'sub', 'link'));
    chmodSync(join(root, 'sub'), 0o555);
    await flushTree(root);
    await flushEach(root);
    assert.equal(readFileSync(join(root, 'sub', 'file'), 'utf8'), 'text');
    await assert.rejects(flushTree(join(root, 'absent')), /ENOENT/);
  } finally {
    chmodSync(join(root, 'sub'), 0o755);
    rmSync(root, { recursive: true });
  }
});

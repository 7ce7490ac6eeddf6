import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cpuMs } from '../../world/busy-machine.ts';
import { auditTexts, understood } from '../../make/read-audit-text.ts';

const right: Readonly<Record<string, readonly string[]>> = {
  'key.txt': ['key'],
  'checkpoint.txt': ['note', 'checkpoint'],
  'two-signatures.txt': ['note', 'checkpoint'],
  'marks-do-not-fit.txt': ['note', 'checkpoint'],
  'empty-extension.txt': ['note'],
  'size-with-zero.txt': ['note'],
  'size-too-large.txt': ['note'],
  'root-not-canonical.txt': ['note'],
  'entry.json': ['entry'],
  'line.jsonl': ['line'],
  'proof.json': ['proof'],
  'release.bundle': ['note', 'bundle'],
  'bundle-signed-nonsense.bundle': ['note'],
  'bundle-entries-of-nothing.bundle': ['note'],
};

test('every text of the corpus is understood by those it is for, and refused with a sentence by all others, quickly', () => {
  assert.ok(auditTexts.size >= 20);
  for (const [name, text] of auditTexts) {
    const from = cpuMs();
    const by = understood(text).filter((reader) => reader !== 'log');
    assert.deepEqual(by, right[name] ?? [], name);
    assert.ok(cpuMs() - from < 2_000, `${name} took too long`);
  }
});

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { isAlive, isOurs } from './alive.ts';

test('a process of ours lives until it has ended', async () => {
  const child = spawn(process.execPath, ['-e', 'process.stdin.resume()'], { stdio: ['pipe', 'ignore', 'ignore'] });
  const pid = child.pid!;
  assert.deepEqual([isAlive(pid), isOurs(pid)], [true, true]);
  child.stdin.end();
  await once(child, 'exit');
  assert.deepEqual([isAlive(pid), isOurs(pid)], [false, false]);
});

test(
  'one of another user lives, and is none of ours',
  { skip: process.getuid?.() === 0 && 'root may signal all' },
  () => {
    assert.deepEqual([isAlive(1), isOurs(1)], [true, false]);
  },
);

test('what is no id of a process is nobody, a group least of all', () => {
  for (const pid of [0, -1, -process.pid, 1.5, Number.NaN])
    assert.deepEqual([isAlive(pid), isOurs(pid)], [false, false], String(pid));
});

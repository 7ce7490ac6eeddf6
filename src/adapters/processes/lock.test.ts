import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { identify } from './identity.ts';
import { lockHolder, takeLock } from './lock.ts';

let run: string;

beforeEach(() => {
  run = mkdtempSync(join(tmpdir(), 'liftlock lock '));
});

afterEach(() => rmSync(run, { recursive: true, force: true }));

test('is taken by one and not while that one lives', () => {
  assert.equal(lockHolder(run), undefined);
  assert.equal(takeLock(run), true);
  assert.deepEqual(lockHolder(run), identify(process.pid));
  assert.equal(takeLock(run), false);
});

test('passes on when its holder died and left no state', () => {
  leaveDeadHolder(1);
  leaveDeadHolder(2);
  assert.equal(lockHolder(run), undefined);
  assert.equal(takeLock(run), true);
  assert.deepEqual(lockHolder(run), identify(process.pid));
});

test('is never taken again once the command was started', () => {
  leaveDeadHolder(1);
  writeFileSync(join(run, 'state.json'), '{}');
  assert.equal(takeLock(run), false);
});

function leaveDeadHolder(epoch: number): void {
  writeFileSync(join(run, `keeper.${epoch}`), JSON.stringify({ ...identify(process.pid), start: '1' }));
}

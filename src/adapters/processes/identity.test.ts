import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { identify, lives, startFromPs } from './identity.ts';
import { fromPs } from './usage.ts';

test('a process lives under its own identity and under no other', () => {
  const own = identify(process.pid) ?? assert.fail('we do not see ourselves');
  assert.ok(lives(own));
  assert.ok(!lives({ ...own, start: `${own.start}0` }));
  assert.ok(!lives({ ...own, boot: 'an earlier one' }));
});

test('an ended process has no identity, a name full of parentheses does not confuse', async () => {
  const child = spawn(process.execPath, [
    '-e',
    `process.title = ') R 1 1 (('; console.log('up'); setInterval(() => {}, 1000)`,
  ]);
  await once(child.stdout, 'data');
  const identity = identify(child.pid ?? 0) ?? assert.fail('the child is not seen');
  assert.ok(lives(identity));
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  await exit;
  assert.equal(identify(identity.pid), undefined);
  assert.ok(!lives(identity));
});

test('without /proc, ps tells the start and the usage', { skip: !hasPs() }, async () => {
  const child = spawn('sleep', ['600'], { detached: true, stdio: 'ignore' });
  await once(child, 'spawn');
  const pid = child.pid ?? 0;
  const start = startFromPs(pid) ?? assert.fail('ps does not see the child');
  assert.ok(!Number.isNaN(Date.parse(start)), start);
  const usage = await fromPs(pid);
  assert.ok(usage !== undefined && usage.processes === 1 && usage.residentBytes > 0 && usage.cpuMs >= 0);
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  await exit;
  assert.equal(startFromPs(pid), undefined);
  assert.equal(await fromPs(pid), undefined);
});

function hasPs(): boolean {
  try {
    execFileSync('ps', ['-o', 'pid=', '-p', String(process.pid)], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { makeControlGroup } from './control-group.ts';

const run = '/home/liftlock/processes/service+env_1+dep_1';
const all = { memory: 2 ** 29, cpu: 0.5, processes: 200, openFiles: 4_096 };

let root: string;
beforeEach(() => (root = mkdtempSync(join(tmpdir(), 'liftlock groups '))));
afterEach(() => rmSync(root, { recursive: true, force: true }));

const written = (...place: string[]) => readFileSync(join(root, ...place), 'utf8');

test('version 2: one directory, after its parents hand the controllers down', () => {
  writeFileSync(join(root, 'cgroup.controllers'), 'cpu memory pids');
  const group = makeControlGroup(run, all, root);
  assert.deepEqual([group.limits, group.refusals], [['memory', 'cpu', 'processes'], []]);
  const [name] = readdirSync(join(root, 'liftlock')).filter((one) => one.startsWith('service'));
  const said = ['memory.max', 'cpu.max', 'pids.max'].map((file) => written('liftlock', name!, file));
  assert.deepEqual(said, ['536870912', '50000 100000', '200']);
  assert.equal(written('liftlock', 'cgroup.subtree_control'), '+pids');
  group.add(4_711);
  assert.equal(written('liftlock', name!, 'cgroup.procs'), '4711');
  writeFileSync(join(root, 'liftlock', name!, 'memory.events'), 'low 0\noom 3\noom_kill 2\noom_group_kill 0\n');
  assert.equal(group.memoryKills(), 2);
});

test('version 1: a directory for each controller; one that the kernel lacks is said, and the others hold', () => {
  for (const controller of ['memory', 'pids']) mkdirSync(join(root, controller));
  const group = makeControlGroup(run, all, root);
  assert.deepEqual(group.limits, ['memory', 'processes']);
  assert.match(group.refusals.join(), /^the kernel has no controller cpu at /);
  const [name] = readdirSync(join(root, 'memory', 'liftlock'));
  assert.equal(written('memory', 'liftlock', name!, 'memory.limit_in_bytes'), '536870912');
  assert.equal(written('pids', 'liftlock', name!, 'pids.max'), '200');
  group.add(4_711);
  assert.equal(written('pids', 'liftlock', name!, 'cgroup.procs'), '4711');
});

test('what is not asked for is not limited, and two homes do not share a group', () => {
  mkdirSync(join(root, 'memory'));
  makeControlGroup(run, { memory: 2 ** 29 }, root);
  makeControlGroup(run.replace('liftlock', 'other'), { memory: 2 ** 29 }, root);
  assert.deepEqual(readdirSync(root), ['memory']);
  assert.equal(readdirSync(join(root, 'memory', 'liftlock')).length, 2);
  assert.deepEqual(makeControlGroup(run, { openFiles: 64 }, root).limits, []);
});

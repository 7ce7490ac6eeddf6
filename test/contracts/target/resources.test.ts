/** What an instance may take of the machine, held by the kernel itself: needs root and its control groups. */
import assert from 'node:assert/strict';
import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { deploymentAt, never, newPlace, notesOf, notReady, portless, seconds, until, world } from './stage.ts';

const groups = '/sys/fs/cgroup';
const unified = existsSync(join(groups, 'cgroup.controllers'));

function withoutGroups(): string | false {
  try {
    for (const name of unified ? [''] : ['memory', 'cpu', 'pids']) accessSync(join(groups, name), constants.W_OK);
    return process.getuid?.() === 0 ? false : 'only root makes control groups';
  } catch (error) {
    return `no control groups to be had here: ${(error as Error).message}`;
  }
}

const listsItself = 'ulimit -n > "$NOTES"; cat /proc/self/cgroup >> "$NOTES"; echo done >> "$NOTES"; exec sleep 600';
const staysUp = { kind: 'process', settle: seconds(0) } as const;

/** Where the kernel says that the service is, for the controller. */
function placeOf(notes: readonly string[], controller: string): string {
  const line = notes.find((one) => (unified ? one.startsWith('0::') : one.split(':')[1] === controller));
  const path = (line ?? assert.fail(notes.join('\n'))).split(':')[2]!;
  assert.match(path, /\/liftlock\/service\+/);
  return join(groups, unified ? '' : controller, path.slice(path.indexOf('/liftlock/')));
}

describe('limits of a service', { timeout: 120_000 }, () => {
  test(
    'each is set before the service begins, and its group is gone when it has ended',
    { skip: withoutGroups() },
    async () => {
      const place = await newPlace();
      const deployment = {
        ...deploymentAt(place, { target: portless, health: staysUp, start: listsItself }),
        resources: { memory: 2 ** 27, cpu: 0.5, processes: 50, openFiles: 333 },
      };
      assert.equal((await world().local.deploy(deployment, never)).deployed, 'ready');
      const notes = await until('its notes', async () => {
        const lines = await notesOf(place);
        return lines.at(-1) === 'done' && lines;
      });
      assert.equal(notes[0], '333');
      const expected: readonly (readonly [string, string, string])[] = unified
        ? [
            ['memory', 'memory.max', String(2 ** 27)],
            ['cpu', 'cpu.max', '50000 100000'],
            ['pids', 'pids.max', '50'],
          ]
        : [
            ['memory', 'memory.limit_in_bytes', String(2 ** 27)],
            ['cpu', 'cpu.cfs_quota_us', '50000'],
            ['pids', 'pids.max', '50'],
          ];
      for (const [controller, file, value] of expected)
        assert.equal(readFileSync(join(placeOf(notes, controller), file), 'utf8').trim(), value, file);
      await world().local.stop(deployment.environment.id, 1_000);
      for (const [controller] of expected) assert.ok(!existsSync(placeOf(notes, controller)), controller);
    },
  );

  test(
    'one that needs more memory than it may have is ended, and that is said',
    { skip: withoutGroups() },
    async () => {
      const place = await newPlace();
      const grows = 'const kept = []; setInterval(() => kept.push(Buffer.alloc(16e6, 1)), 5)';
      const hungry = deploymentAt(place, {
        target: portless,
        health: { kind: 'process', settle: seconds(60) },
        start: `exec '${process.execPath}' -e '${grows}'`,
      });
      const answer = await world().local.deploy({ ...hungry, resources: { memory: 2 ** 27 } }, never);
      const output = notReady(answer, /died within .* because it needed more memory than it may have/);
      assert.match(output, /\[liftlock\] it was ended because it needed more memory than the 134217728 bytes/);
    },
  );

  test('one that ends by itself is not said to have needed memory', { skip: withoutGroups() }, async () => {
    const place = await newPlace();
    const dies = deploymentAt(place, {
      target: portless,
      health: { kind: 'process', settle: seconds(60) },
      start: 'kill -KILL $$',
    });
    const answer = await world().local.deploy({ ...dies, resources: { memory: 2 ** 27 } }, never);
    assert.doesNotMatch(notReady(answer, /died within/), /memory/);
    assert.ok(answer.deployed === 'not-ready' && !answer.because.includes('memory'));
  });

  test('open files are limited without any right', async () => {
    const place = await newPlace();
    const start = 'ulimit -n > "$NOTES"; exec sleep 600';
    const deployment = deploymentAt(place, { target: portless, health: staysUp, start });
    await world().local.deploy({ ...deployment, resources: { openFiles: 77 } }, never);
    assert.deepEqual(await until('its notes', async () => (await notesOf(place)).length > 0 && notesOf(place)), ['77']);
  });
});

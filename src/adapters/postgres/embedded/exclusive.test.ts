import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { test } from 'node:test';
import { exclusively } from './exclusive.ts';
import { realClock as clock, scratch } from './scratch.ts';

test('of many in one process only one works at a time, and each gets its turn, also after one failed', async (t) => {
  const directory = await scratch(t);
  await mkdir(directory, { recursive: true });
  let inside = 0;
  let most = 0;
  const work = async (): Promise<string> => {
    inside++;
    most = Math.max(most, inside);
    await clock.sleep(5);
    inside--;
    return 'done';
  };
  const failing = exclusively(directory, clock, () => Promise.reject(new Error('no')));
  const answers = Promise.all([1, 2, 3, 4, 5].map(() => exclusively(directory, clock, work)));
  await assert.rejects(failing, /no/);
  assert.deepEqual([await answers, most], [['done', 'done', 'done', 'done', 'done'], 1]);
});

test('the lock of a process that was killed is free, and as long as it lives it is not', async (t) => {
  const directory = await scratch(t);
  await mkdir(directory, { recursive: true });
  const holder = spawn(
    process.execPath,
    [
      '--input-type=module',
      '-e',
      `
    const { exclusively } = await import(${JSON.stringify(new URL('./exclusive.ts', import.meta.url).href)});
    await exclusively(${JSON.stringify(directory)}, { now: Date.now, sleep: () => undefined }, () => {
      process.stdout.write('holding');
      return new Promise((resolve) => setInterval(resolve, 1e9));
    });
  `,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  t.after(() => holder.kill('SIGKILL'));
  await new Promise((resolve) => holder.stdout.once('data', resolve));
  const impatient = { now: impatiently(), sleep: clock.sleep };
  await assert.rejects(
    exclusively(directory, impatient, async () => 'mine'),
    { code: 'database/unreachable' },
  );
  holder.kill('SIGKILL');
  assert.equal(await exclusively(directory, clock, async () => 'mine'), 'mine');
});

/** Each look at the clock finds a minute gone. */
function impatiently(): typeof clock.now {
  let now = clock.now();
  return () => (now = (now + 60_000) as typeof now);
}

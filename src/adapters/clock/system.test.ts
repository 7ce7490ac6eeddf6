import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createClock } from './system.ts';

test('sleeping takes at least the time asked for', async () => {
  const begin = performance.now();
  await createClock().sleep(30);
  assert.ok(performance.now() - begin >= 29);
});

test('an abort ends a sleep of any length at once, without an error', { timeout: 10_000 }, async () => {
  const clock = createClock();
  for (const length of [60_000, 2 ** 31, 1e12, Infinity]) {
    const control = new AbortController();
    const sleeping = clock.sleep(length, control.signal);
    control.abort();
    await sleeping;
    await clock.sleep(length, control.signal);
  }
});

test('a sleep of no length, a negative one or none at all is over at once', { timeout: 10_000 }, async () => {
  for (const length of [0, -5, Number.NaN]) await createClock().sleep(length);
});

test('a sleep longer than a timer can count does not end at once', async () => {
  const control = new AbortController();
  let over = false;
  const sleeping = createClock()
    .sleep(2 ** 31 + 1, control.signal)
    .then(() => (over = true));
  await createClock().sleep(20);
  assert.equal(over, false);
  control.abort();
  await sleeping;
});

/** Every moment, and an abort: `node test/scenarios/rollout-troubles-long.ts "stable release frozen"`. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rolloutFaults, type Fault } from './rollout-faults.ts';

test('R34: a stable release that hangs while a canary waits for a person is started again, and it goes on', async (t) => {
  const fault: Fault = { victim: 'stable release frozen', at: 'pause', ending: 'goes on' };
  const found = await rolloutFaults([fault], (told) => t.diagnostic(JSON.stringify(told)));
  assert.deepEqual(found, []);
});

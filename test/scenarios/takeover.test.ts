/** The short form of the takeover scenario; the long one is `node test/scenarios/takeover-long.ts`. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { takeover } from './takeover.ts';

test('R7, R40: another worker goes on with what a killed worker had begun, and a worker that wakes up too late does nothing and ends', async (t) => {
  const report = await takeover({ rounds: 3, sleepMs: 15_000, say: (what) => t.diagnostic(what) });
  assert.deepEqual(report.faults, []);
  assert.ok(report.takenAfterMs.length >= 3);
  assert.equal(report.takenFromSleeperAfterMs.length, 1);
});

/** The short form; every victim at every step is `node test/scenarios/rollout-faults-long.ts`. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rolloutFaults } from './rollout-faults.ts';

test('R40: a canary whose control plane or edge is killed in the middle ends right, on one stable release', async (t) => {
  const faults = await rolloutFaults(
    [
      { victim: 'control plane', at: '20 %', ending: 'goes on' },
      { victim: 'control plane', at: 'pause', ending: 'is aborted' },
      { victim: 'edge', at: '50 %', ending: 'goes on' },
    ],
    (what) => t.diagnostic(what),
  );
  assert.deepEqual(faults, []);
});

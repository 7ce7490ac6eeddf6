/** The short form of the upgrade scenario; the long one is `node test/scenarios/upgrade-long.ts`. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { upgrade } from './upgrade.ts';

test('R39, R42: a hundred waiting promotions survive a change of the build, by a clean stop and by SIGKILL', async (t) => {
  const report = await upgrade({ releases: 5, environments: 20, say: (what) => t.diagnostic(what) });
  assert.equal(report.waiting, 100);
  assert.deepEqual(report.faults, []);
});

/** The short form of the crash scenario, the same each time; the long one, by chance, is `node test/scenarios/crash-long.ts`. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crash } from './crash.ts';

test('R7, R11, R40: what was acknowledged ends right and runs once, however control plane, workers and database are killed', async (t) => {
  const report = await crash({
    promotions: 30,
    environments: 4,
    kills: 8,
    seed: 1,
    pauseMs: 1_200,
    patienceMs: 180_000,
    say: (what) => t.diagnostic(what),
  });
  t.diagnostic(JSON.stringify({ ...report, surprises: report.surprises.length }));
  assert.deepEqual(report.faults, []);
  assert.ok(report.samples > 0, 'the promotions were looked at while they ran');
  assert.ok(report.checkpoints > 0, 'the audit log was signed while everything was killed');
});

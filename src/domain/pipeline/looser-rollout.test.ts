import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Duration } from '../base/time.ts';
import { looserRollout, looserTraffic } from './looser-rollout.ts';
import {
  usualAnalysis,
  usualRolling,
  usualSteps,
  type CanarySpec,
  type RollingSpec,
  type RolloutSpec,
} from './rollout-spec.ts';

const keep = 60_000 as Duration;
const check = { name: 'smoke', run: './smoke', timeout: keep };
const canary: CanarySpec = {
  strategy: 'canary',
  steps: [{ step: 'check', ...check }, { step: 'pause' }, ...usualSteps],
  analysis: { ...usualAnalysis, errorRate: 0.05 },
  users: 'none',
  keep,
};
const blueGreen: RolloutSpec = { strategy: 'blue-green', checks: [check], keep };
const analysed = (changes: object): CanarySpec => ({
  ...canary,
  analysis: { ...usualAnalysis, errorRate: 0.05, ...changes },
});

test('R19: less care is weaker, more care and the same are not', () => {
  assert.deepEqual(looserRollout(canary, canary), []);
  assert.deepEqual(looserRollout(blueGreen, canary), []);
  assert.deepEqual(looserRollout({ strategy: 'all-at-once' }, { strategy: 'recreate', hold: keep }), []);
  assert.deepEqual(looserRollout(canary, blueGreen), ['it takes over blue-green, it was canary']);
  assert.deepEqual(looserRollout(blueGreen, { ...blueGreen, checks: [] }), ['the check smoke is gone']);
  assert.deepEqual(looserRollout(blueGreen, { ...blueGreen, checks: [{ ...check, run: 'true' }] }), [
    'the check smoke runs something else',
  ]);
});

test('R19: each thing that a canary asks less of is told, and asking more is not', () => {
  const said = (after: CanarySpec) => looserRollout(canary, after).join();
  assert.equal(said({ ...canary, analysis: 'none' }), 'it is not judged any more');
  assert.equal(said(analysed({ errorRate: 0.1 })), 'the limit errorRate is higher or gone');
  assert.equal(said(analysed({ errorRate: undefined })), 'the limit errorRate is higher or gone');
  assert.equal(said(analysed({ dryRun: ['errors'] })), 'errors no longer decide');
  assert.equal(said(analysed({ alpha: 0.001 })), 'more must speak against it before it is blamed');
  assert.equal(said(analysed({ minRequests: 10 })), 'fewer requests are enough to go on');
  assert.equal(said(analysed({ warmUp: 99_000 })), 'it is not judged for longer at its beginning');
  assert.equal(said(analysed({ errorRate: 0.01, alpha: 0.05, minRequests: 99, p95: 5 })), '');
  const steps = canary.steps.filter(({ step }) => step !== 'pause');
  assert.equal(said({ ...canary, steps }), 'it waits for a person less often on its way');
  assert.match(
    said({ ...canary, steps: canary.steps.filter((step) => step.step !== 'weight' || step.percent > 5) }),
    /begins with 25 %, it was 5 %.*shorter time/,
  );
});

test('R19: instances that are watched for a shorter time, or not judged any more, are told', () => {
  const rolling: RollingSpec = { strategy: 'rolling', ...usualRolling, analysis: usualAnalysis };
  assert.deepEqual(looserRollout(rolling, { ...rolling, for: keep }), []);
  assert.deepEqual(looserRollout(rolling, { ...rolling, for: 1_000 as Duration, analysis: 'none' }), [
    'new instances are watched for a shorter time before the next ones',
    'it is not judged any more',
  ]);
  assert.deepEqual(looserRollout(canary, rolling), ['it takes over rolling, it was canary']);
});

test('R19: response times that were compared, and are not by another leader, are told', () => {
  const said = ['its response times are not compared any more: haproxy does not tell them'];
  assert.deepEqual(looserTraffic({ rollout: canary }, { rollout: canary, traffic: 'haproxy' }), said);
  const rolling: RollingSpec = { strategy: 'rolling', ...usualRolling, analysis: usualAnalysis };
  assert.deepEqual(looserTraffic({ rollout: rolling }, { rollout: rolling, traffic: 'haproxy' }), said);
  assert.deepEqual(looserTraffic({ rollout: canary, traffic: 'haproxy' }, { rollout: canary }), []);
  assert.deepEqual(looserTraffic({ rollout: blueGreen }, { rollout: blueGreen, traffic: 'haproxy' }), []);
  const dry = analysed({ dryRun: ['latency'] });
  assert.deepEqual(looserTraffic({ rollout: dry }, { rollout: dry, traffic: 'haproxy' }), []);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Duration } from '../base/time.ts';
import { usualAnalysis, usualSteps, type CanarySpec } from './rollout-spec.ts';
import { abilitiesOf, lacksOf, trafficKinds } from './traffic-spec.ts';

const long = 60_000 as Duration;
const canary: CanarySpec = {
  strategy: 'canary',
  steps: [{ step: 'shadow', for: long }, { step: 'group', by: 'header', name: 'X-Beta', for: long }, ...usualSteps],
  analysis: { ...usualAnalysis, p99: long },
  users: { by: 'cookie' },
  keep: long,
};

test('the edge can whatever a rollout may ask for', () => {
  assert.ok(Object.values(abilitiesOf('edge')).every(Boolean));
  assert.deepEqual(lacksOf('edge', canary), []);
  assert.deepEqual(lacksOf('edge', { strategy: 'recreate', hold: long }), []);
});

test('each thing that another one cannot is told with its place in the rollout', () => {
  assert.deepEqual(lacksOf('haproxy', { strategy: 'recreate', hold: long }), [{ at: ['strategy'], ability: 'hold' }]);
  assert.deepEqual(lacksOf('haproxy', canary), [
    { at: ['steps', 0], ability: 'shadow' },
    { at: ['analysis', 'p99'], ability: 'latency' },
  ]);
});

test('what switches all requests at once asks nothing of anybody', () => {
  for (const kind of trafficKinds) {
    assert.deepEqual(lacksOf(kind, { strategy: 'all-at-once' }), []);
    assert.deepEqual(lacksOf(kind, { strategy: 'blue-green', checks: [], keep: long }), []);
  }
});

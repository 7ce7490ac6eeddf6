import assert from 'node:assert/strict';
import { test } from 'node:test';
import { factsWith, hour, later, promotionWith, runningProgress } from '../../../test/make/facts.ts';
import type { GateSpec } from '../pipeline/environment.ts';
import { nextClosing } from './shutting.ts';

const untilFive: GateSpec = {
  gate: 'window',
  window: { zone: 'UTC', allow: [{ days: ['wed'], from: '08:00', to: '17:00' }], deny: [] },
};
const running = promotionWith(2, { progress: runningProgress() });

test('R24: while something runs, the next closing of a window is waited for', () => {
  const facts = factsWith({ spec: { gates: [untilFive] }, open: [running] });
  assert.equal(nextClosing(facts), later(5 * hour));
  assert.equal(nextClosing({ ...facts, now: later(6 * hour) }), undefined, 'it is closed already');
});

test('where nothing runs nobody has to look', () => {
  const idle = factsWith({ spec: { gates: [untilFive] }, open: [promotionWith(2)] });
  assert.equal(nextClosing(idle), undefined);
  assert.equal(nextClosing(idle, running), later(5 * hour), 'it starts just now');
});

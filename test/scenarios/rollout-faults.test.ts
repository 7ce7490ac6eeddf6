/**
 * The short form: the same three each time, so that a change is judged by itself and not by chance. Every victim at every moment is
 * `node test/scenarios/rollout-faults-long.ts`.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rolloutFaults, type Fault } from './rollout-faults.ts';

const faults: readonly Fault[] = [
  { victim: 'stable release for good', at: 'X-Beta', ending: 'goes on' },
  { victim: 'port taken', at: '20 %', ending: 'is aborted' },
  { victim: 'new release frozen', at: '50 %', ending: 'goes on' },
];

test('R40: a canary in whose middle somebody is killed ends right, on one stable release', async (t) => {
  assert.deepEqual(await rolloutFaults(faults, (told) => t.diagnostic(JSON.stringify(told))), []);
});

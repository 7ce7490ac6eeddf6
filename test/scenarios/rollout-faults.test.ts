/** The short form; every victim at every moment is `node test/scenarios/rollout-faults-long.ts`. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chanceOf } from './harness/seed.ts';
import { endings, moments, rolloutFaults, type Fault } from './rollout-faults.ts';
import { victims } from './rollout-victims.ts';

/** Another one each time; that of a run that failed is in its name. */
const seed = Math.floor(Math.random() * 2 ** 31);

test(`R40: a canary in whose middle somebody is killed ends right, on one stable release (seed ${seed})`, async (t) => {
  const chance = chanceOf(seed);
  const faults = Array.from({ length: 2 }, (): Fault => {
    return { victim: chance.pick(victims), at: chance.pick(moments), ending: chance.pick(endings) };
  });
  // Not killed, and noticed all the same: it has to hang while users are on it.
  const frozen: Fault = { victim: 'new release frozen', at: chance.pick(['20 %', '50 %']), ending: 'goes on' };
  const found = await rolloutFaults([...faults, frozen], (told) => t.diagnostic(JSON.stringify(told)));
  assert.deepEqual(found, []);
});

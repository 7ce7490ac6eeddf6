/** The short form, the same runs each time; the long one, by chance, is `node test/scenarios/model-long.ts`. */
import { test } from 'node:test';
import { runModel } from './model/run.ts';

test(
  'R1-R14, R21-R30, R36-R42: whatever people, clocks and dying workers do, the rules hold and nothing is stuck',
  { timeout: 240_000 },
  async () => {
    await runModel({ runs: 8, seed: 1, length: 70 });
  },
);

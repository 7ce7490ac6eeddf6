import { test } from 'node:test';
import { runModel } from './model/run.ts';

const seed = Math.floor(Math.random() * 2 ** 31);

test(
  'R1-R14, R21-R30, R36-R42: whatever people, clocks and dying workers do, the rules hold and nothing is stuck',
  { timeout: 240_000 },
  async () => {
    await runModel({ runs: 8, seed, length: 70 });
  },
);

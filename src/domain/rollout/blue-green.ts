import { undivided, type Planner } from './strategy.ts';

/** Checks before any user is on the new release. */
export const blueGreen: Planner<'blue-green'> = ({ strategy, checks }) =>
  undivided(
    strategy,
    checks.map((check) => ({ step: 'check', ...check })),
  );

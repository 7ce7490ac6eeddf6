import type { Planner } from './strategy.ts';

/** The steps as they are written. */
export const canary: Planner<'canary'> = ({ strategy, steps, analysis, users }) => ({
  strategy,
  steps,
  analysis,
  users,
});

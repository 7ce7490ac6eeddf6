import { undivided, type Planner } from './strategy.ts';

/** As soon as the new release is ready. */
export const allAtOnce: Planner<'all-at-once'> = ({ strategy }) => undivided(strategy);

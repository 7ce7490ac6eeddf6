import { liftWith } from '../lift.ts';

export const act = liftWith('release-hold');

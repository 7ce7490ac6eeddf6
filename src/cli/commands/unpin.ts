import { liftWith } from '../lift.ts';

export const act = liftWith('unpin');

import { decideWith } from '../decision.ts';

export const act = decideWith('reject');

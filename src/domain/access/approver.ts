import type { Recognised } from './independence.ts';
import type { Role } from './role.ts';

/** What is known of a person at this moment, as far as it decides whether his approval counts. */
export interface Approver extends Recognised {
  readonly disabled: boolean;
  /** In force now, on this project. */
  readonly roles: readonly Role[];
}

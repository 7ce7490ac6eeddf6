import type { LeaseId } from '../../domain/base/id.ts';
import type { Promotion } from '../../domain/promotion/promotion.ts';
import type { Evidence } from '../../domain/release/evidence.ts';
import type { RunResult } from '../../domain/verdict/settlement.ts';
import type { DeploymentRow, Environment, Project, StoredRelease } from '../../ports/records.ts';

/** One promotion in the hands of one worker. `promotion` follows the phases it enters, `before` what is started again. */
export interface Run {
  promotion: Promotion;
  readonly lease: LeaseId;
  readonly project: Project;
  readonly environment: Environment;
  readonly release: StoredRelease;
  readonly row: DeploymentRow;
  /** What ran here before, to return to; absent before the first deployment. */
  before: DeploymentRow | undefined;
  /** Somebody asked to stop it before we had it. */
  readonly stopping: boolean;
  /** R5: why it may no longer enter, judged again now. */
  readonly closedBecause: string | undefined;
}

/** What a run found out, to be concluded from. */
export interface Finding {
  readonly result: RunResult;
  readonly evidence: readonly Evidence[];
}

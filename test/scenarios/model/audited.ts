/** A stage of its own for each test of a file, whose record is audited when the test is over. */
import { afterEach, beforeEach } from 'node:test';
import { createAuditor, type Auditor } from './invariants.ts';
import { openStage, type Stage } from './stage.ts';

export interface Audited {
  /** From now on by this: after a test changed the pipeline. */
  auditBy(stage: Parameters<typeof createAuditor>[0]): void;
}

export function withAuditedStage(use: (stage: Stage) => void): Audited {
  let stage: Stage;
  let auditor: Auditor;
  beforeEach(async () => {
    stage = await openStage();
    auditor = createAuditor(stage);
    use(stage);
  });
  afterEach(async () => {
    try {
      await auditor.audit();
    } finally {
      await stage.close();
    }
  });
  return {
    auditBy(changed) {
      auditor = createAuditor(changed);
    },
  };
}

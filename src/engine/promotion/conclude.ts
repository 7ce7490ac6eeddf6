/** Records how a run ended and what follows: verdict, occupancy, rollback, news for the environments after it. One transaction (R40). */
import { Failure } from '../../domain/base/failure.ts';
import type { EnvironmentId, PromotionId } from '../../domain/base/id.ts';
import { plus } from '../../domain/base/time.ts';
import type { Promotion } from '../../domain/promotion/promotion.ts';
import { settle, type RunResult, type Settlement } from '../../domain/verdict/settlement.ts';
import type { DeploymentRow, Environment, Transaction } from '../../ports/store.ts';
import { actors } from '../announce.ts';
import { apply } from './apply.ts';
import type { Finding, Run } from './run.ts';
import { judgeAgain } from '../trigger/judge-events.ts';
import { goOn, reconcileAll } from './reconcile.ts';
import { restore, untouched } from './restore.ts';
import { newId, type World } from '../world.ts';

/**
 * False when the run is another worker's by now.
 * @throws Failure `database/unreachable`; the run is then concluded by whoever takes it next.
 */
export async function conclude(world: World, run: Run, finding: Finding): Promise<boolean> {
  const concluded = await world.store.transaction((tx) => concludeIn(world, tx, { run, finding }));
  if (concluded === 'stop-first') {
    const put = hasReplaced(finding.result) ? await restore(world, run) : untouched;
    return conclude(world, run, { result: { happened: 'stopped', ...put }, evidence: finding.evidence });
  }
  if (concluded === 'not-ours') return false;
  await reconcileAll(world, concluded.woken);
  return true;
}

function hasReplaced(result: RunResult): boolean {
  return (
    result.happened === 'verified' ||
    (result.happened === 'not-ready' && result.replaced) ||
    (result.happened === 'could-not-tell' && result.switched)
  );
}

/** Only a negative verdict leads back to what was verified before. */
function isNegative(result: RunResult): boolean {
  return result.happened === 'not-ready' || (result.happened === 'verified' && result.verdict === 'FAIL');
}

interface Settling {
  readonly environment: Environment;
  readonly promotion: Promotion;
  readonly settlement: Settlement;
  readonly target: DeploymentRow | undefined;
}

async function concludeIn(
  world: World,
  tx: Transaction,
  { run, finding }: { run: Run; finding: Finding },
): Promise<'stop-first' | 'not-ours' | { woken: readonly EnvironmentId[] }> {
  const environment = await tx.environments.lock(run.environment.id);
  const row = await tx.promotions.get(run.promotion.id);
  if (environment === undefined || row === undefined || environment.lease?.id !== run.lease) return 'not-ours';
  // R14: an abort that came in at the last moment still wins.
  if (row.promotion.stop !== undefined && finding.result.happened !== 'stopped') return 'stop-first';
  const target = isNegative(finding.result)
    ? await tx.deployments.rollbackTarget(environment.id, run.release.id)
    : undefined;
  const settlement = settle(finding.result, {
    promotion: row.promotion,
    rollbackPolicy: environment.spec.rollback,
    rollbackTarget: target?.release,
    everGood: target !== undefined || (await tx.promotions.everSucceeded(environment.id)),
  });
  const settling: Settling = { environment, promotion: row.promotion, settlement, target };
  for (const piece of finding.evidence) await tx.evidence.insert(piece);
  await recordVerdict(world, tx, { run, settling });
  await recordOccupancy(world, tx, { run, settling });
  await tx.environments.setLease(environment.id, undefined);
  await apply(
    tx,
    { project: run.project.id, promotion: row.promotion },
    {
      do: 'settle',
      lease: run.lease,
      outcome: settlement.outcome,
      reason: settlement.summary,
      at: world.clock.now(),
    },
  );
  await followUp(world, tx, { run, settling });
  await goOn(world, tx, {
    environment: { ...environment, lease: undefined },
    facts: await tx.environments.facts(environment.id, { now: world.clock.now() }),
  });
  // A tag of the commit may count now, or no longer.
  await judgeAgain(world, tx, { project: run.project.id, commit: run.release.content.commit });
  return { woken: await tx.environments.wakeDownstream(environment.id, world.clock.now()) };
}

async function recordVerdict(
  world: World,
  tx: Transaction,
  { run, settling }: { run: Run; settling: Settling },
): Promise<void> {
  const { verdict, summary } = settling.settlement;
  if (verdict === undefined) return;
  const at = world.clock.now();
  await tx.verifications.record({
    environment: run.environment.id,
    release: run.release.id,
    number: run.release.number,
    id: newId(world, 'vrd'),
    verdict,
    at,
    reason: summary,
  });
  const { verification } = settling.environment.spec;
  const every = verification === 'none' ? undefined : verification.every;
  const due = every === undefined ? undefined : plus(at, every);
  if (due !== settling.environment.verifyDueAt) await tx.environments.setVerifyDue(run.environment.id, due);
  await tx.events.append({
    kind: 'release.verified',
    actor: actors.engine,
    at,
    project: run.project.id,
    environment: run.environment.id,
    release: run.release.id,
    promotion: run.promotion.id,
    data: { verdict, summary },
  });
}

/** The new release is what runs, or, after a stop that put the old one back, that one under its new deployment. */
async function recordOccupancy(
  world: World,
  tx: Transaction,
  { run, settling }: { run: Run; settling: Settling },
): Promise<void> {
  const now = world.clock.now();
  if (settling.settlement.occupies) return tx.deployments.occupy(run.environment.id, run.row.id, now);
  const restored = (await tx.deployments.ofPromotion(run.promotion.id)).find(
    ({ undoes }) => undoes === run.promotion.id,
  );
  if (restored !== undefined) await tx.deployments.occupy(run.environment.id, restored.id, now);
}

async function followUp(
  world: World,
  tx: Transaction,
  { run, settling }: { run: Run; settling: Settling },
): Promise<void> {
  const { settlement, promotion, target } = settling;
  if (promotion.kind === 'rollback' && settlement.outcome === 'succeeded') await markRolledBack(world, tx, run);
  if (settlement.rollBack && target !== undefined) await openRollback(world, tx, { run, to: target });
  if (settlement.page !== undefined) await page(world, tx, { run, message: settlement.page, holds: settlement.hold });
}

/** R3, R12: what was left behind is rolled back, and no longer verified here. */
async function markRolledBack(world: World, tx: Transaction, run: Run): Promise<void> {
  const left = run.before;
  if (left === undefined || left.release === run.release.id) return;
  const at = world.clock.now();
  const row = await tx.promotions.get(left.promotion);
  if (row !== undefined && row.promotion.progress.state === 'ended' && row.promotion.progress.outcome !== 'aborted') {
    await apply(
      tx,
      { project: run.project.id, promotion: row.promotion },
      { do: 'mark-rolled-back', by: run.promotion.id, at },
    );
  }
  // What failed its verification says why better than its rollback would.
  if ((await tx.verifications.find(run.environment.id, left.release))?.verdict === 'FAIL') return;
  const release = await tx.releases.get(left.release);
  const reason =
    run.promotion.origin.by === 'person'
      ? `rolled back by ${run.promotion.origin.actor}`
      : 'rolled back after its verification failed';
  await tx.verifications.record({
    environment: run.environment.id,
    release: left.release,
    number: release!.number,
    id: newId(world, 'vrd'),
    verdict: 'FAIL',
    at,
    reason,
  });
  await tx.events.append({
    kind: 'release.verified',
    actor: actors.engine,
    at,
    project: run.project.id,
    environment: run.environment.id,
    release: left.release,
    data: { verdict: 'FAIL', summary: reason, rolledBackBy: run.promotion.id },
  });
  await judgeAgain(world, tx, { project: run.project.id, commit: release!.content.commit });
}

/** R13, R36: the way back, with lighter gates and the same trail. */
async function openRollback(
  world: World,
  tx: Transaction,
  { run, to }: { run: Run; to: DeploymentRow },
): Promise<PromotionId> {
  const at = world.clock.now();
  const rollback: Promotion = {
    id: newId(world, 'prm'),
    environment: run.environment.id,
    release: to.release,
    kind: 'rollback',
    origin: { by: 'engine', cause: run.promotion.id },
    requestedAt: at,
    progress: { state: 'waiting' },
  };
  const inserted = await tx.promotions.insert(rollback, run.project.id);
  if (!inserted) throw new Failure('unexpected/error', `rollback of ${run.promotion.id} could not be opened`);
  await tx.events.append({
    kind: 'promotion.requested',
    actor: actors.engine,
    at,
    project: run.project.id,
    environment: run.environment.id,
    release: to.release,
    promotion: rollback.id,
    data: { rollbackOf: run.promotion.id },
  });
  return rollback.id;
}

/** R13: a person has to look, and unless nothing is at stake yet automation stops here. */
async function page(
  world: World,
  tx: Transaction,
  { run, message, holds }: { run: Run; message: string; holds: boolean },
): Promise<void> {
  const at = world.clock.now();
  if (holds) await tx.environments.setHold(run.environment.id, { by: actors.engine, reason: message, at });
  await tx.events.append({
    kind: 'environment.paged',
    actor: actors.engine,
    at,
    project: run.project.id,
    environment: run.environment.id,
    release: run.release.id,
    promotion: run.promotion.id,
    data: { message, holds },
  });
  world.log.error('an environment needs a person', {
    environment: run.environment.spec.name,
    project: run.project.name,
    reason: message,
  });
}

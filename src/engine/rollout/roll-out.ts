/**
 * The switch of a promotion, step by step where the pipeline asks for it: share what is recorded, look, decide, record. Between steps
 * nobody holds it: it waits as a row, and `look-at-rollouts.ts` looks whether there is something to do.
 */
import { planOf } from '../../domain/rollout/all.ts';
import {
  decide,
  eventOf,
  type CheckAnswer,
  type RolloutDecision,
  type RolloutFacts,
} from '../../domain/rollout/decide.ts';
import { measure, type Span } from '../../domain/rollout/judge.ts';
import {
  beginRollout,
  evolve,
  isExposed,
  replacedAt,
  type Rollout,
  type RolloutPlan,
} from '../../domain/rollout/rollout.ts';
import type { RunResult } from '../../domain/verdict/settlement.ts';
import type { PromotionId } from '../../domain/base/id.ts';
import type { Instant } from '../../domain/base/time.ts';
import type { Beside, Sight } from '../../ports/target.ts';
import type { MeasuredTurn, RolloutRow } from '../../ports/rollouts.ts';
import type { Transaction } from '../../ports/store.ts';
import type { DeployAnswer, Deployment } from '../../ports/target.ts';
import { actors } from '../announce.ts';
import { askCheck } from './ask-check.ts';
import { atOnce } from './at-once.ts';
import { bringAbout } from './bring-about.ts';
import { giveBack } from './give-back.ts';
import { mendStable } from './mend-stable.ts';
import { Interrupted, throwIfInterrupted } from '../interrupted.ts';
import { pairOf } from './pair.ts';
import { patiently } from '../patiently.ts';
import { recordLook } from './record-look.ts';
import type { Interruption } from '../leases.ts';
import { untouched } from '../promotion/restore.ts';
import { requireLease } from '../promotion/require-lease.ts';
import type { Run } from '../promotion/run.ts';
import { revive, reviveFresh } from './revive.ts';
import { rolloutEvents } from './announce-rollout.ts';
import { beginTurns, withMeasurements } from './measure.ts';
import { leaveDirectories } from './measure-by-command.ts';
import { nobodysLease, nextLook, waitingFor } from './waiting-rollout.ts';
import { isStopped, mayBegin } from '../promotion/shut.ts';
import type { World } from '../world.ts';

export type RolledOut =
  /** It is over, one way or another; or it was no rollout in steps. */
  | { readonly rolledOut: 'answer'; readonly answer: DeployAnswer }
  /** All requests are where they were before. */
  | { readonly rolledOut: 'returned'; readonly result: RunResult }
  /** It goes on later, in nobody's hands until then. */
  | { readonly rolledOut: 'waiting' };

interface Hands {
  readonly deployment: Deployment;
  readonly signal: AbortSignal;
}

export async function rollOut(world: World, run: Run, hands: Hands): Promise<RolledOut> {
  const row = await world.store.transaction((tx) => tx.rollouts.get(run.promotion.id));
  const target = world.targets[hands.deployment.target.kind];
  const beside = target.beside?.(hands.deployment);
  if (hadAll(run, row)) {
    const rollout = beside && row?.rollout;
    const pair = rollout && (await pairOf(world, run, { fresh: hands.deployment, live: false }));
    if (rollout && pair && !rollout.replacing) await bringAbout(world, { rollout, pair, beside, ...hands });
    const because = await reviveFresh(world, run, hands);
    if (because !== undefined) return { rolledOut: 'answer', answer: { deployed: 'unknown', because, output: '' } };
  }
  const plan = planOf(run.environment.spec.rollout, run.environment.spec.instances ?? 1);
  // R32: going back is instant, so it has no steps. Without anything there before, there is nothing to share with.
  const divides = plan.steps.length > 0 && run.promotion.kind !== 'rollback' && run.before !== undefined;
  if (beside === undefined) return inOneGo(world, run, hands);
  if (row === undefined && !divides)
    return { rolledOut: 'answer', answer: await atOnce(world, run, { ...hands, beside }) };
  if (row === undefined) {
    // Instances that take the place of others start one after the other, in its steps.
    const answer =
      plan.replacing === undefined
        ? await patiently(world, () => beside.start(hands.deployment, hands.signal))
        : await withoutStable(world, run, { ...hands, beside });
    const over = answer !== undefined && (answer.deployed !== 'ready' || plan.replacing !== undefined);
    if (over) return { rolledOut: 'answer', answer };
    await open(world, run, plan);
  }
  return advance(world, run, { ...hands, beside });
}

/** Whether all requests went to it before somebody else had it in his hands. */
function hadAll({ promotion: { progress } }: Run, row: RolloutRow | undefined): boolean {
  const { state, replacing } = row?.rollout ?? {};
  const isVerifying = progress.state === 'running' && progress.phase === 'verifying';
  return isVerifying || (state?.is === 'finished' && replacing === undefined);
}

/** What replaces and stands beside nothing: users notice it from its beginning on, so that is asked for once more. */
async function inOneGo(world: World, run: Run, { deployment, signal }: Hands): Promise<RolledOut> {
  const target = world.targets[deployment.target.kind];
  const answer = await patiently(world, () => target.deploy(deployment, signal, () => mayBegin(world, run)));
  const isOver = !signal.aborted || signal.reason === ('stop-requested' satisfies Interruption);
  return answer.deployed === 'stopped' && answer.untouched === true && isOver
    ? { rolledOut: 'returned', result: { happened: 'stopped', ...untouched } }
    : { rolledOut: 'answer', answer };
}

/** R34: where nothing serves there is nothing to replace a little at a time. `undefined`: something does. */
async function withoutStable(
  world: World,
  run: Run,
  { deployment, signal, beside }: Hands & { readonly beside: Beside },
): Promise<DeployAnswer | undefined> {
  const { stable } = await patiently(world, async () =>
    beside.look(await pairOf(world, run, { fresh: deployment, live: false })),
  );
  return stable === 'serves' ? undefined : atOnce(world, run, { deployment, signal, beside });
}

async function open(world: World, run: Run, plan: RolloutPlan): Promise<void> {
  const stopped = await world.store.transaction(async (tx) => {
    await requireLease(tx, run);
    const at = world.clock.now();
    const rollout = beginRollout(run.promotion.id, plan, at);
    await tx.rollouts.insert({
      environment: run.environment.id,
      rollout,
      waiting: undefined,
      dueAt: undefined,
      startedAt: at,
    });
    await tx.events.append({
      kind: 'rollout.started',
      actor: actors.engine,
      at,
      project: run.project.id,
      environment: run.environment.id,
      release: run.release.id,
      promotion: run.promotion.id,
      data: { strategy: rollout.strategy, steps: rollout.steps.length, stable: run.before?.release },
    });
    return isExposed(rollout) && (await isStopped(world, tx, run));
  });
  if (stopped) throw new Interrupted('stop-requested');
}

/** As far as it goes without waiting. */
async function advance(world: World, run: Run, hands: Hands & { readonly beside: Beside }): Promise<RolledOut> {
  for (;;) {
    throwIfInterrupted(hands.signal);
    const { row, openTurns } = await world.store.transaction((tx) => read(tx, run.promotion.id));
    if (row.rollout.state.is === 'returned') return returned(world, run, { row, hands });
    const { replacing } = row.rollout;
    const pair = await pairOf(world, run, { fresh: hands.deployment, live: replacing !== undefined });
    const trouble = await bringAbout(world, { rollout: row.rollout, pair, ...hands });
    if (row.rollout.state.is === 'finished' && trouble === undefined) {
      await leaveDirectories(world, row.rollout);
      return finished(run, row, hands.deployment);
    }
    const sight = { ...(await patiently(world, () => hands.beside.look(pair))), ...trouble };
    let step = await stepOn(world, run, { row, openTurns, sight, hands, stable: sight.stable });
    if (step.decision.do === 'revive') {
      if (await revive(world, run, hands)) continue;
      step = await stepOn(world, run, { row, openTurns, sight, hands, stable: 'lost' });
    }
    if (step.decision.do === 'mend') {
      const { beside, signal } = hands;
      if (
        replacing === undefined &&
        (await mendStable(world, run, { stable: pair.stable, is: sight.stable, beside, signal }))
      )
        continue;
      step = await stepOn(world, run, { row, openTurns, sight, hands, stable: 'lost' });
    }
    if ((await record(world, run, { row, ...step })) && step.decision.do === 'wait') return { rolledOut: 'waiting' };
  }
}

async function read(tx: Transaction, promotion: PromotionId) {
  const row = (await tx.rollouts.get(promotion))!;
  const { rollout, openTurns } = await withMeasurements(tx, row.rollout);
  return { row: { ...row, rollout }, openTurns };
}

interface Step {
  readonly rollout: Rollout;
  readonly span: Span | undefined;
  readonly decision: RolloutDecision;
  readonly check: CheckAnswer | undefined;
  /** Of its metrics, those that were being measured. */
  readonly openTurns: readonly MeasuredTurn[];
  readonly at: Instant;
}

/** What was measured and what follows; asks the check of this step when it comes to that. */
async function stepOn(
  world: World,
  run: Run,
  {
    row,
    openTurns,
    sight,
    hands,
    stable,
  }: {
    row: RolloutRow;
    openTurns: readonly MeasuredTurn[];
    sight: Sight;
    hands: Hands;
    stable: RolloutFacts['stable'];
  },
): Promise<Step> {
  const now = world.clock.now();
  const { rollout, span } = measuredNow(row.rollout, sight, now);
  const measured = { rollout: sight.fresh.is === 'serves' ? replacedAt(rollout, now) : rollout, span, openTurns };
  const facts = { stop: undefined, stable, fresh: sight.fresh };
  const first = decide(measured.rollout, { ...facts, now, check: undefined });
  if (first.do !== 'check' || sight.fresh.is === 'down')
    return { ...measured, decision: first, check: undefined, at: now };
  const check = await askCheck(world, run, {
    check: first.check,
    attempt: measured.rollout.step.attempt,
    deployment: hands.deployment,
    url: sight.fresh.url,
    signal: hands.signal,
  });
  const at = world.clock.now();
  return { ...measured, decision: decide(measured.rollout, { ...facts, now: at, check }), check, at };
}

export function measuredNow(
  rollout: Rollout,
  { reading }: Sight,
  now: Instant,
): { readonly rollout: Rollout; readonly span: Span | undefined } {
  return reading === undefined ? { rollout, span: undefined } : measure(rollout, reading, now);
}

/**
 * R40: state, event and what happens next in one transaction. False when a person changed the rollout meanwhile: it is read again.
 * @throws Interrupted when it is to be stopped, Failure `lease/lost` when it is somebody else's by now.
 */
async function record(world: World, run: Run, { row, ...step }: Step & { row: RolloutRow }): Promise<boolean> {
  const { decision, check, at } = step;
  const event = eventOf(step.rollout, decision, { by: actors.engine, at });
  const rollout = event === undefined ? step.rollout : evolve(step.rollout, event);
  const waiting = decision.do === 'wait' ? waitingFor(decision, { before: row.waiting, at }) : undefined;
  let begun = false;
  const recorded = await world.store.transaction(async (tx) => {
    await requireLease(tx, run);
    if ((await tx.promotions.get(run.promotion.id))?.promotion.stop !== undefined)
      throw new Interrupted('stop-requested');
    if (!isExposed(row.rollout) && isExposed(rollout) && (await isStopped(world, tx, run))) return 'stopped';
    const dueAt = decision.do === 'wait' ? nextLook(rollout, decision, at) : undefined;
    if (!(await tx.rollouts.update({ rollout, version: row.version, waiting, dueAt }))) return false;
    await recordLook(tx, { ...step, before: row.rollout });
    if (decision.do === 'wait') begun = await beginTurns(tx, { rollout, openTurns: step.openTurns, now: at });
    const subject = { project: run.project.id, promotion: run.promotion };
    await tx.events.append(
      ...rolloutEvents(subject, { before: row.rollout, check, events: event === undefined ? [] : [event], at }),
    );
    if (decision.do === 'wait')
      await tx.environments.setLease(run.environment.id, nobodysLease(run.lease, run.promotion.id, at));
    return true;
  });
  if (recorded === 'stopped') throw new Interrupted('stop-requested');
  if (begun) world.jobs.kick('measure');
  return recorded;
}

async function returned(
  world: World,
  run: Run,
  { row, hands }: { row: RolloutRow; hands: Hands & { readonly beside: Beside } },
): Promise<RolledOut> {
  const { state } = row.rollout;
  if (state.is !== 'returned') throw new TypeError(`the rollout of ${run.promotion.id} is ${state.is}`);
  const { deployment: fresh, beside } = hands;
  const back = await giveBack(world, run, { fresh, beside, rollout: row.rollout });
  const summary = `${state.because}; ${back.summary}`;
  switch (state.why) {
    case 'worse':
      return { rolledOut: 'returned', result: { happened: 'returned', summary, restored: back.restored } };
    case 'unknown':
      return { rolledOut: 'returned', result: { happened: 'not-started', summary, restored: back.restored } };
    case 'stopped':
      throw new Interrupted('stop-requested');
  }
}

function finished(run: Run, { startedAt }: RolloutRow, { port }: Deployment): RolledOut {
  const { switchedAt = startedAt } = run.promotion;
  const url = port === undefined ? undefined : `http://127.0.0.1:${port}`;
  return { rolledOut: 'answer', answer: { deployed: 'ready', url, milliseconds: startedAt - switchedAt } };
}

/**
 * Carries out one promotion whose gates are open: prepare, migrate, switch, verify, settle.
 *
 * The job may be called again after a crash at any point. What was done is known from the promotion's phase and
 * from the keys of what was started; nothing that was started is started again.
 */
import { asFailure, Failure } from '../../domain/base/failure.ts';
import type { PromotionId } from '../../domain/base/id.ts';
import type { Duration } from '../../domain/base/time.ts';
import { planOf } from '../../domain/rollout/all.ts';
import { phases, type Phase } from '../../domain/promotion/promotion.ts';
import type { Evidence } from '../../domain/release/evidence.ts';
import type { RunResult } from '../../domain/verdict/settlement.ts';
import type { DeployAnswer, Deployment } from '../../ports/target.ts';
import { apply } from './apply.ts';
import { attest } from '../release/attest.ts';
import { begin } from './begin.ts';
import type { Finding, Run } from './run.ts';
import { bringToLife, sketch } from './deployment.ts';
import { Interrupted, throwIfInterrupted } from '../interrupted.ts';
import type { Interruption } from '../leases.ts';
import { restore, untouched } from './restore.ts';
import { isShut } from './shut.ts';
import { rollOut } from '../rollout/roll-out.ts';
import { takeBack } from '../rollout/take-back.ts';
import { conclude } from './conclude.ts';
import { moveTakenPort } from '../pipeline/service-port.ts';
import { patiently } from '../patiently.ts';
import { outputOf, runTask } from '../tasks.ts';
import { verify } from './verification.ts';
import type { World } from '../world.ts';

/** The job. */
export async function deploy(world: World, id: PromotionId): Promise<void> {
  await moveTakenPort(world, id);
  const run = await begin(world, id);
  if (run === undefined) return;
  const held = world.leases.hold(id, run.lease);
  try {
    const finding = await attempt(world, run, held.signal);
    // Whoever goes on with it needs the workspace in which its commands may still be running.
    if (finding !== undefined && (await conclude(world, run, finding)))
      await world.workspaces.remove(verificationKey(run));
  } finally {
    held.release();
  }
}

/** What happened; `undefined` when another holder goes on with it. */
async function attempt(world: World, run: Run, signal: AbortSignal): Promise<Finding | undefined> {
  if (run.closedBecause !== undefined)
    return { result: { happened: 'no-longer-available', summary: run.closedBecause }, evidence: [] };
  try {
    return run.stopping ? await stopped(world, run) : await carryOut(world, run, signal);
  } catch (thrown) {
    const interruption = interruptionIn(thrown, signal);
    if (interruption === 'stop-requested') return stopped(world, run);
    if (interruption !== undefined) return undefined;
    const failure = asFailure(thrown);
    if (failure.code === 'database/unreachable') throw failure;
    world.log.warn('promotion could not be carried out', {
      promotion: run.promotion.id,
      code: failure.code,
      message: failure.message,
    });
    const summary = failure.hint === undefined ? failure.message : `${failure.message} (${failure.hint})`;
    return { result: await couldNotTell(world, run, summary), evidence: [] };
  }
}

/** Where the stable release still stands beside the new one, nobody has to stay on what nobody can tell about. */
async function couldNotTell(world: World, run: Run, summary: string): Promise<RunResult> {
  const untold = { happened: 'could-not-tell', summary, switched: hasSwitched(run) } as const;
  const { rollout, instances = 1 } = run.environment.spec;
  const isInSteps = planOf(rollout, instances).steps.length > 0 && run.promotion.kind === 'promotion';
  if (!untold.switched || !isInSteps || run.before === undefined) return untold;
  const row = await world.store.transaction((tx) => tx.rollouts.get(run.promotion.id));
  if (row?.rollout.state.is === 'finished') return untold;
  // Without a row no request was led to it yet.
  if (row === undefined)
    return world.targets[run.row.snapshot.target.kind].beside?.(sketch(run)) === undefined
      ? untold
      : { ...untold, switched: false };
  const back = await takeBack(world, run, { why: 'unknown', because: summary });
  return back === undefined
    ? untold
    : { happened: 'not-started', summary: `${summary}; ${back.summary}`, restored: back.restored };
}

async function carryOut(world: World, run: Run, signal: AbortSignal): Promise<Finding | undefined> {
  const deployment = await bringToLife(world, run);
  // A rollout that waited goes on where it was.
  if ((await world.store.transaction((tx) => tx.rollouts.get(run.promotion.id))) === undefined) {
    await patiently(world, () => world.targets[deployment.target.kind].prepare(deployment));
    throwIfInterrupted(signal);
    const refused = await migrate(world, run, { deployment, signal });
    if (refused !== undefined) return { result: refused, evidence: [] };
    await enter(world, run, 'switching');
  }
  const rolledOut = await rollOut(world, run, { deployment, signal });
  switch (rolledOut.rolledOut) {
    case 'waiting':
      return undefined;
    case 'returned':
      return { result: rolledOut.result, evidence: [] };
    case 'answer':
      return answered(world, run, { answer: rolledOut.answer, deployment, signal });
  }
}

async function answered(
  world: World,
  run: Run,
  { answer, deployment, signal }: { answer: DeployAnswer; deployment: Deployment; signal: AbortSignal },
): Promise<Finding> {
  switch (answer.deployed) {
    case 'stopped':
      throw new Interrupted(signal.reason as Interruption);
    case 'unknown':
      return { result: { happened: 'could-not-tell', summary: withOutput(answer), switched: true }, evidence: [] };
    case 'not-started':
      return { result: await notStarted(world, run, answer.because), evidence: [] };
    case 'not-ready':
      return {
        result: { happened: 'not-ready', summary: await notReady(world, run, answer), replaced: answer.replaced },
        evidence: [await readiness(world, run, { verdict: 'FAIL', summary: withOutput(answer), milliseconds: 0 })],
      };
    case 'ready':
      return verifyRun(world, run, { deployment, signal, ready: answer.milliseconds });
  }
}

/** Where nothing serves, nobody would ever end what did not become ready: it is ended now. */
async function notReady(
  world: World,
  run: Run,
  { because, replaced }: { because: string; replaced: boolean },
): Promise<string> {
  if (replaced || run.before !== undefined) return because;
  return `${because}; ${(await restore(world, run)).summary}`;
}

/** The new release had no chance; what ran before and was ended to make room for it serves again. */
async function notStarted(world: World, run: Run, because: string): Promise<RunResult> {
  const { before } = run;
  const release = before && (await world.store.transaction((tx) => tx.releases.get(before.release)));
  if (before === undefined || release === undefined)
    return { happened: 'not-started', summary: because, restored: true };
  const { environment, project } = run;
  const { observed } = await world.targets[before.snapshot.target.kind].inspect(
    sketch({ row: before, environment, release, project }),
  );
  if (observed !== 'down') return { happened: 'not-started', summary: because, restored: true };
  const { summary, restored } = await restore(world, run);
  return { happened: 'not-started', summary: `${because}; ${summary}`, restored };
}

async function verifyRun(
  world: World,
  run: Run,
  { deployment, signal, ready }: { deployment: Deployment; signal: AbortSignal; ready: number },
): Promise<Finding> {
  if (run.environment.spec.verification === 'none') {
    return {
      result: { happened: 'verified', verdict: 'PASS', summary: 'deployed; nothing to verify (verify: none)' },
      evidence: [],
    };
  }
  await enter(world, run, 'verifying');
  const verified = await verify(
    world,
    {
      key: verificationKey(run),
      release: run.release,
      environment: run.environment,
      promotion: run.promotion.id,
      variables: deployment.variables,
      hide: deployment.hide,
    },
    signal,
  );
  if (!verified.done) throw new Interrupted(verified.by);
  const up = await readiness(world, run, { verdict: 'PASS', summary: `ready after ${ready} ms`, milliseconds: ready });
  return {
    result: { happened: 'verified', verdict: verified.verdict, summary: verified.summary },
    evidence: [up, ...verified.evidence],
  };
}

/** A migration runs before the switch, while the old release still serves. Going back runs none. */
async function migrate(
  world: World,
  run: Run,
  { deployment, signal }: { deployment: Deployment; signal: AbortSignal },
): Promise<RunResult | undefined> {
  const { migrate: command, migrateTimeout } = deployment.service;
  if (command === undefined || run.promotion.kind === 'rollback') return undefined;
  await enter(world, run, 'migrating');
  const key = `promotion/${run.promotion.id}/migrate`;
  const directory = await world.artifacts.unpack(deployment.release.artifact);
  const task = await runTask(
    world,
    {
      key,
      command,
      directory,
      variables: deployment.variables,
      hide: deployment.hide,
      timeout: migrateTimeout as Duration,
    },
    signal,
  );
  if (task.ended === 'interrupted') throw new Interrupted(task.by);
  if (task.ended === 'exited' && task.exitCode === 0) return undefined;
  const output = await outputOf(world, key);
  if (task.ended === 'exited')
    return { happened: 'refused-by-release', summary: `migration exited with ${task.exitCode}\n${output}`.trim() };
  return {
    happened: 'could-not-tell',
    summary: `migration did not finish: ${task.because}: ${output}`,
    switched: false,
  };
}

/** R40: the phase is recorded before its effect, so that whoever comes next knows how far it may have come. */
async function enter(world: World, run: Run, phase: Phase): Promise<void> {
  if (
    run.promotion.progress.state === 'running' &&
    phases.indexOf(run.promotion.progress.phase) >= phases.indexOf(phase)
  )
    return;
  const entered = await world.store.transaction(async (tx) => {
    await tx.environments.lock(run.environment.id);
    const row = await tx.promotions.get(run.promotion.id);
    if (row === undefined) throw new Failure('promotion/unknown', `promotion ${run.promotion.id} is gone`);
    if (row.promotion.stop !== undefined) return 'stop-requested' as const;
    const { promotion } = row;
    const { progress } = promotion;
    if (phase !== 'verifying' && (await isShut(world, tx, { environment: run.environment, promotion })))
      return progress.state === 'running' && progress.phase === 'preparing' ? 'lease-lost' : 'stop-requested';
    return apply(
      tx,
      { project: row.project, promotion },
      { do: 'enter', phase, lease: run.lease, at: world.clock.now() },
    );
  });
  if (typeof entered === 'string') throw new Interrupted(entered);
  run.promotion = entered.promotion;
}

/** R14: what was there before serves again; then the promotion ends `aborted`. */
async function stopped(world: World, run: Run): Promise<Finding> {
  if (!hasSwitched(run)) return { result: { happened: 'stopped', ...untouched }, evidence: [] };
  const back = (await takeBack(world, run)) ?? (await restore(world, run));
  return { result: { happened: 'stopped', ...back }, evidence: [] };
}

function hasSwitched(run: Run): boolean {
  const { progress } = run.promotion;
  return progress.state === 'running' && phases.indexOf(progress.phase) >= phases.indexOf('switching');
}

function readiness(
  world: World,
  run: Run,
  said: Pick<Evidence, 'verdict' | 'summary' | 'milliseconds'>,
): Promise<Evidence> {
  const { release, environment, promotion } = run;
  return attest(
    world,
    {
      release: release.id,
      artifact: release.content.artifact,
      gitCommit: release.content.commit,
      environment: environment.id,
      promotion: promotion.id,
      kind: 'readiness',
      name: 'readiness',
      details: undefined,
      run: undefined,
      ...said,
    },
    { environment: environment.spec.name },
  );
}

function withOutput({ because, output }: { because: string; output: string }): string {
  return output.trim() === '' ? because : `${because}: ${output.trim()}`;
}

function interruptionIn(thrown: unknown, signal: AbortSignal): Interruption | undefined {
  if (thrown instanceof Interrupted) return thrown.by;
  if (thrown instanceof Failure && thrown.code === 'lease/lost') return 'lease-lost';
  return signal.aborted ? (signal.reason as Interruption) : undefined;
}

function verificationKey(run: Run): string {
  return `promotion/${run.promotion.id}/verify`;
}

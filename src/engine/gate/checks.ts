/**
 * Questions to the world outside that gates wait for: the repository, the forge, the project's own commands. Asked by a job,
 * answered into a row that comes with the facts; what could not be asked is asked again with growing pauses (R16).
 */
import { asFailure, Failure } from '../../domain/base/failure.ts';
import type { EnvironmentId, ReleaseId } from '../../domain/base/id.ts';
import { plus, type Duration, type Instant } from '../../domain/base/time.ts';
import type { CheckId, StoredCheck } from '../../ports/gate-records.ts';
import type { Transaction } from '../../ports/store.ts';
import { actors } from '../announce.ts';
import { askReviewers } from './ask-reviewers.ts';
import { askCustom } from './ask-custom.ts';
import { enqueueAgain, type Asked, type Reply } from './ask-outside.ts';
import { lookUpCommits } from './look-up-commits.ts';
import { reconcile } from '../promotion/reconcile.ts';
import { whileTouching } from '../touching.ts';
import type { World } from '../world.ts';

/** From the sweep: asks again what is due, as long as a promotion waits for it. */
export async function askDue(world: World, limit: number): Promise<void> {
  const asked = await world.store.transaction(async (tx) => {
    const due = await tx.checks.due(world.clock.now(), limit);
    for (const check of due) {
      if (await isWaitedFor(tx, check)) await enqueueAgain(world, tx, check);
      else await tx.checks.update({ ...check, dueAt: undefined });
    }
    return due.length;
  });
  if (asked > 0) world.jobs.kick('check');
}

async function isWaitedFor(
  tx: Transaction,
  { environment, release }: { environment: EnvironmentId; release: ReleaseId },
): Promise<boolean> {
  return (await tx.promotions.list({ environment, release, state: 'waiting', limit: 1 })).length > 0;
}

/** The job. It may run twice: commands are found again by their key, everything else only looks. */
export async function askOutside(world: World, id: CheckId, signal: AbortSignal): Promise<void> {
  const asked = await world.store.transaction((tx) => load(tx, id));
  if (asked === undefined) return;
  const touch = (tx: Transaction, at: Instant) => tx.checks.touch(id, at);
  const reply = await whileTouching(world, touch, () => attempt(world, asked, signal));
  if (reply === 'interrupted')
    throw new Failure('lease/lost', `check ${id} is left to another worker: this one is stopping`);
  const recorded = await world.store.transaction((tx) => record(world, tx, { asked, reply }));
  if (recorded) await reconcile(world, asked.environment.id);
}

async function load(tx: Transaction, id: CheckId): Promise<Asked | undefined> {
  const found = await tx.checks.get(id);
  if (found === undefined || found.state !== 'asking') return undefined;
  const environment = await tx.environments.get(found.environment);
  const project = environment && (await tx.projects.get(environment.project));
  const revision = environment && (await tx.pipelines.current(environment.project));
  const release = await tx.releases.get(found.release);
  if (environment === undefined || project === undefined || revision === undefined || release === undefined)
    return undefined;
  return { check: found, project, environment, release, revision };
}

type Outcome = (Reply & { readonly replied: true }) | { readonly replied: false; readonly because: string };

async function attempt(world: World, asked: Asked, signal: AbortSignal): Promise<Outcome | 'interrupted'> {
  try {
    const reply = await ask(world, asked, signal);
    return reply.replied ? reply : 'interrupted';
  } catch (thrown) {
    const failure = asFailure(thrown);
    if (failure.code === 'database/unreachable') throw failure;
    return { replied: false, because: failure.message };
  }
}

function ask(world: World, asked: Asked, signal: AbortSignal): Promise<Reply> {
  switch (asked.check.kind) {
    case 'commits':
      return lookUpCommits(world, asked);
    case 'forge':
      return askReviewers(world, asked);
    case 'custom':
      return askCustom(world, asked, signal);
  }
}

/** False when somebody else has recorded an answer meanwhile. */
async function record(
  world: World,
  tx: Transaction,
  { asked, reply }: { asked: Asked; reply: Outcome },
): Promise<boolean> {
  const current = await tx.checks.lock(asked.check.id);
  if (current === undefined || current.state !== 'asking' || current.attempt !== asked.check.attempt) return false;
  const at = world.clock.now();
  const again = plus(at, pauseAfter(current.attempt));
  const answered: StoredCheck = reply.replied
    ? {
        ...current,
        state: 'answered',
        answer: reply.answer,
        because: reply.because,
        data: reply.data,
        answeredAt: at,
        dueAt: reply.answer === 'waiting' ? again : undefined,
      }
    : { ...current, state: 'failed', answer: undefined, because: reply.because, answeredAt: at, dueAt: again };
  await tx.checks.update(answered);
  if (answered.kind !== 'commits' && saysSomethingNew(current, answered))
    await tx.events.append({
      kind: answered.state === 'failed' ? 'gate.unanswered' : 'gate.answered',
      actor: actors.engine,
      at,
      project: asked.project.id,
      environment: asked.environment.id,
      release: asked.release.id,
      ...(answered.promotion === undefined ? {} : { promotion: answered.promotion }),
      data: { gate: answered.name, answer: answered.answer, because: answered.because },
    });
  return true;
}

/** `before` still holds what was said the last time. */
function saysSomethingNew(before: StoredCheck, now: StoredCheck): boolean {
  return before.answer !== now.answer || before.because !== now.because;
}

const shortestPause = 10_000;
const longestPause = 900_000;

function pauseAfter(attempts: number): Duration {
  return Math.min(longestPause, shortestPause * 2 ** Math.min(attempts - 1, 10)) as Duration;
}

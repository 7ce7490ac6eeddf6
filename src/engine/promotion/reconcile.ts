/**
 * Looks at one environment and does what is due there: opens promotions, supersedes and refuses them, starts
 * the one whose turn it is. Level-triggered (R39): everything follows from stored facts, so calling it twice, late or
 * for no reason does no harm.
 */
import { nextTime } from '../../domain/base/calendar.ts';
import type { EnvironmentId } from '../../domain/base/id.ts';
import { earliest, isoTime, plus, type Duration, type Instant } from '../../domain/base/time.ts';
import type { Answers } from '../../domain/gate/all.ts';
import { nextClosing } from '../../domain/gate/shutting.ts';
import { availability } from '../../domain/gate/availability.ts';
import { propose, type Proposal } from '../../domain/promotion/automation.ts';
import type { EnvironmentFacts } from '../../domain/promotion/facts.ts';
import { planHash } from '../../domain/promotion/plan.ts';
import type { Promotion } from '../../domain/promotion/promotion.ts';
import { takeTurns, type Turns } from '../../domain/promotion/queue.ts';
import { scheduleNews } from '../../domain/promotion/schedule.ts';
import type { Environment, Transaction } from '../../ports/store.ts';
import { actors } from '../announce.ts';
import { apply } from './apply.ts';
import { askPeople, rejectOverdue } from '../gate/ask.ts';
import { askIn } from '../gate/ask-outside.ts';
import { openChangeIn } from './change.ts';
import { judge, planOf } from '../gate/question.ts';
import { refuseWaiting } from '../pipeline/retire.ts';
import { stopIfShut } from './shut.ts';
import { useGlass } from '../gate/use-glass.ts';
import { newId, type World } from '../world.ts';
import { yieldToNewer } from '../rollout/yield-rollout.ts';

/** How long a started promotion may stay without a worker before another one is asked. */
const pickUpTime = 60_000 as Duration;

/** Reconciles in a transaction of its own and, when that started something, sees to it that a worker looks. */
export async function reconcile(world: World, environment: EnvironmentId): Promise<void> {
  const started = await world.store.transaction((tx) => reconcileIn(world, tx, environment));
  if (started) world.jobs.kick('deploy');
}

/** Several environments, one after the other; what cannot be reached now stays due. */
export async function reconcileAll(world: World, environments: readonly EnvironmentId[]): Promise<void> {
  for (const environment of environments) await reconcile(world, environment);
}

/** The same inside a transaction that already changed the environment. Answers whether a promotion was started. */
export async function reconcileIn(world: World, tx: Transaction, id: EnvironmentId): Promise<boolean> {
  const environment = await tx.environments.lock(id);
  if (environment === undefined) return false;
  return goOn(world, tx, { environment, facts: await tx.environments.facts(id, { now: world.clock.now() }) });
}

/** The same when the row is locked and the facts are known, with everything that this transaction changed in them. */
export async function goOn(
  world: World,
  tx: Transaction,
  known: { environment: Environment; facts: EnvironmentFacts },
): Promise<boolean> {
  const { environment } = known;
  const { id } = environment;
  if (environment.retired) {
    await refuseWaiting(world, tx, environment);
    return false;
  }
  await recordSkipped(tx, known);
  const opened = await openPromotions(world, tx, known);
  const answered = await rejectOverdue(world, tx, { environment, facts: opened });
  const { facts, turns } = await clearTheLine(world, tx, { environment, facts: answered });
  const started = turns.start && (await start(world, tx, { environment, facts, ...turns.start }));
  const waiting = [];
  for (const { promotion, judgement: before } of turns.waiting) {
    // R42: what waits behind the one that starts waits for its turn from now on.
    const now = started === undefined ? facts : replaced(facts, started);
    const judgement = started === undefined ? before : judge(world, now, promotion);
    const asked = await askPeople(world, tx, { environment, facts: now, promotion, judgement });
    waiting.push({ promotion, judgement: asked === now ? judgement : judge(world, asked, promotion) });
  }
  if (started === undefined) {
    await stopIfShut(world, tx, { environment, facts });
    await yieldToNewer(tx, { environment, facts }, waiting);
  }
  for (const { promotion, judgement } of waiting) {
    await tx.promotions.setAnswers(promotion.id, judgement);
    await askIn(world, tx, { environment, promotion, lookups: judgement.lookups });
  }
  const lookAgain = earliest(
    ...waiting.map(({ judgement }) => judgement.askAgainAt),
    ...facts.freezesAhead.map(({ from }) => from),
    nextScheduled(facts),
    nextClosing(facts, started),
  );
  if (lookAgain !== environment.dueAt) await tx.environments.setDue(id, lookAgain);
  return started !== undefined;
}

/** R41: a time of a schedule that nobody looked at in time is not made up for, and the record says so, once. */
async function recordSkipped(
  tx: Transaction,
  { environment, facts }: { environment: Environment; facts: EnvironmentFacts },
): Promise<void> {
  const news = scheduleNews(facts);
  if (news === undefined) return;
  await tx.environments.setSchedule(environment.id, { seen: news.seen });
  if (news.skipped.length === 0) return;
  await tx.events.append({
    kind: 'environment.schedule-skipped',
    actor: actors.engine,
    at: facts.now,
    project: environment.project,
    environment: environment.id,
    data: { times: news.skipped.map((time) => isoTime(time)) },
  });
}

/** Ends what was superseded or may not enter any more. Whoever stood behind what left is judged again without it. */
async function clearTheLine(
  world: World,
  tx: Transaction,
  { environment, facts }: { environment: Environment; facts: EnvironmentFacts },
): Promise<{ facts: EnvironmentFacts; turns: Turns<Answers> }> {
  const turns = takeTurns(facts, (promotion) => judge(world, facts, promotion));
  const subject = (promotion: Promotion) => ({ project: environment.project, promotion });
  for (const { promotion, by } of turns.superseded) {
    await apply(tx, subject(promotion), { do: 'supersede', by: by.id, at: facts.now });
  }
  for (const { promotion, judgement } of turns.refused) {
    await tx.promotions.setAnswers(promotion.id, judgement);
    await apply(tx, subject(promotion), { do: 'refuse', reason: closedBecause(judgement), at: facts.now });
  }
  const left = new Set([...turns.superseded, ...turns.refused].map(({ promotion }) => promotion.id));
  const remaining = { ...facts, open: facts.open.filter(({ id }) => !left.has(id)) };
  return turns.refused.length === 0
    ? { facts: remaining, turns }
    : clearTheLine(world, tx, { environment, facts: remaining });
}

function replaced(facts: EnvironmentFacts, promotion: Promotion): EnvironmentFacts {
  return { ...facts, open: facts.open.map((open) => (open.id === promotion.id ? promotion : open)) };
}

/** Adds the promotions that automation wants. */
async function openPromotions(
  world: World,
  tx: Transaction,
  { environment, facts }: { environment: Environment; facts: EnvironmentFacts },
): Promise<EnvironmentFacts> {
  const proposals = propose(facts, (release) => availability(facts.spec, release).answer === 'open');
  const opened: Promotion[] = [];
  for (const proposal of proposals) {
    const promotion = toPromotion(world, environment.id, proposal);
    if (!(await tx.promotions.insert(promotion, environment.project))) continue;
    opened.push(promotion);
    await tx.events.append({
      kind: 'promotion.requested',
      actor: actors.engine,
      at: facts.now,
      project: environment.project,
      environment: environment.id,
      release: promotion.release,
      promotion: promotion.id,
      data: { trigger: proposal.origin.trigger, key: proposal.origin.key },
    });
  }
  return opened.length === 0 ? facts : { ...facts, open: [...facts.open, ...opened] };
}

function toPromotion(world: World, environment: EnvironmentId, { release, origin }: Proposal): Promotion {
  return {
    id: newId(world, 'prm'),
    environment,
    release: release.id,
    kind: 'promotion',
    origin,
    requestedAt: world.clock.now(),
    progress: { state: 'waiting' },
  };
}

/** R7, R40: the lease, the state, the event and the job become true together. */
async function start(
  world: World,
  tx: Transaction,
  turn: { environment: Environment; facts: EnvironmentFacts; promotion: Promotion; judgement: Answers },
): Promise<Promotion> {
  const { environment, facts, promotion } = turn;
  // Kept for the record: why it was allowed.
  await tx.promotions.setAnswers(promotion.id, turn.judgement);
  await useGlass(world, tx, { environment, promotion, judgement: turn.judgement, facts });
  const lease = newId(world, 'lse');
  await tx.environments.setLease(environment.id, {
    id: lease,
    promotion: promotion.id,
    holder: undefined,
    expiresAt: plus(facts.now, pickUpTime),
  });
  const { promotion: started } = await apply(
    tx,
    { project: environment.project, promotion },
    {
      do: 'start',
      lease,
      planHash: planHash(planOf(facts, promotion), world.sha256),
      at: facts.now,
    },
  );
  await openChangeIn(world, tx, turn);
  // A number of its own: one that was put back has had a job before.
  await tx.enqueue({ kind: 'deploy', promotion: promotion.id, environment: environment.id }, { attempt: facts.now });
  return started;
}

function closedBecause(judgement: Answers): string {
  return judgement.all
    .filter((answer) => answer.answer === 'closed')
    .map((answer) => answer.because)
    .join('; ');
}

function nextScheduled(facts: EnvironmentFacts): Instant | undefined {
  return earliest(
    ...facts.spec.triggers.map((trigger) =>
      trigger.on === 'schedule' ? nextTime(trigger.schedule, facts.now) : undefined,
    ),
  );
}

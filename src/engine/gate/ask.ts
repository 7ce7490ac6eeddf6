/** R18, R23: people are asked when nothing else is left to wait for, and their time runs from then on. */
import { formatDuration } from '../../domain/base/time.ts';
import { approvalOf, overdueSince } from '../../domain/gate/approval.ts';
import type { Answers } from '../../domain/gate/all.ts';
import { factsOf, type EnvironmentFacts, type ReleaseFacts } from '../../domain/promotion/facts.ts';
import type { Promotion } from '../../domain/promotion/promotion.ts';
import type { Environment } from '../../ports/records.ts';
import type { Transaction } from '../../ports/store.ts';
import { actors } from '../announce.ts';
import { questionOf } from './question.ts';
import { newId, type World } from '../world.ts';

interface Place {
  readonly environment: Environment;
  readonly facts: EnvironmentFacts;
}

/** R23: whoever was asked and did not answer in time has said no. Answers the facts with those rejections in them. */
export async function rejectOverdue(
  world: World,
  tx: Transaction,
  { environment, facts }: Place,
): Promise<EnvironmentFacts> {
  let known = facts;
  for (const promotion of facts.open.filter(({ progress }) => progress.state === 'waiting')) {
    const question = questionOf(world, known, promotion);
    if (overdueSince(question) === undefined) continue;
    const { planHash } = question;
    const { timeout } = approvalOf(question)!;
    const rejection = {
      actor: actors.timeout,
      decision: 'reject',
      planHash,
      reason: `not enough approvals within ${formatDuration(timeout!)} of asking`,
      at: facts.now,
      means: 'system',
    } as const;
    const place = { environment: environment.id, release: promotion.release };
    await tx.approvals.insert({
      id: newId(world, 'apr'),
      ...place,
      ...rejection,
      statement: undefined,
      signature: undefined,
    });
    await tx.events.append({
      kind: 'promotion.rejected',
      actor: rejection.actor,
      at: facts.now,
      project: environment.project,
      ...place,
      promotion: promotion.id,
      data: { planHash, reason: rejection.reason },
    });
    known = changed(known, promotion, ({ approvals }) => ({
      approvals: [...approvals, { ...rejection, approver: undefined }],
    }));
  }
  return known;
}

/** Records that people are asked about this plan from now on; nothing when they were already. Answers the facts then. */
export async function askPeople(
  world: World,
  tx: Transaction,
  { environment, facts, promotion, judgement }: Place & { promotion: Promotion; judgement: Answers },
): Promise<EnvironmentFacts> {
  const question = questionOf(world, facts, promotion);
  const { planHash, release } = question;
  const waits = judgement.all.some(({ gate, answer }) => gate === 'approval' && answer === 'waiting');
  if (!judgement.peopleAreAsked || !waits || release.asked?.planHash === planHash) return facts;
  await tx.approvals.ask(promotion.id, planHash, facts.now);
  await tx.events.append({
    kind: 'promotion.approval-asked',
    actor: actors.engine,
    at: facts.now,
    project: environment.project,
    environment: environment.id,
    release: promotion.release,
    promotion: promotion.id,
    data: { planHash, timeout: approvalOf(question)?.timeout },
  });
  return changed(facts, promotion, () => ({ asked: { planHash, at: facts.now } }));
}

function changed(
  facts: EnvironmentFacts,
  promotion: Promotion,
  change: (release: ReleaseFacts) => Partial<ReleaseFacts>,
): EnvironmentFacts {
  const release = factsOf(facts, promotion.release);
  const next = { ...release, ...change(release) };
  return { ...facts, releases: facts.releases.map((other) => (other === release ? next : other)) };
}

/** Opens the change record of what enters production: everything that was known when it started. */
import { canonicalJson, type Json } from '../../domain/base/digest.ts';
import type { Answers } from '../../domain/gate/all.ts';
import { soakedFor } from '../../domain/gate/availability.ts';
import { factsOf, type EnvironmentFacts, type ReleaseFacts } from '../../domain/promotion/facts.ts';
import { planHash } from '../../domain/promotion/plan.ts';
import type { Promotion } from '../../domain/promotion/promotion.ts';
import { riskOf, type RiskFacts } from '../../domain/promotion/risk.ts';
import type { TrustSpec } from '../../domain/pipeline/pipeline.ts';
import type { Environment, PromotionRow } from '../../ports/records.ts';
import type { Transaction } from '../../ports/store.ts';
import { actors } from '../announce.ts';
import { beforeOf, planDocument, type PlanDocument } from '../gate/plan-document.ts';
import { planOf } from '../gate/question.ts';
import type { World } from '../world.ts';

/** Written into every document, so that whoever reads one in years knows how. */
const format = 'liftlock.change/1';

export interface Starting {
  readonly environment: Environment;
  readonly facts: EnvironmentFacts;
  readonly promotion: Promotion;
  readonly judgement: Answers;
}

/** In the transaction that starts the promotion, so that there is none without its record. */
export async function openChangeIn(world: World, tx: Transaction, starting: Starting): Promise<void> {
  const { environment, facts, promotion } = starting;
  if (environment.spec.kind !== 'production') return;
  // One that was put back after its start keeps its number; what stands in the record is what is known now.
  const earlier = await tx.changes.ofPromotion(promotion.id);
  const number = earlier?.number ?? (await tx.changes.nextNumber(environment.project));
  const document = await describe(world, tx, { ...starting, number });
  const change = { promotion: promotion.id, project: environment.project, number, document, openedAt: facts.now };
  if (earlier === undefined) await tx.changes.insert(change);
  else await tx.changes.replace(change);
  await tx.events.append({
    kind: 'change.opened',
    actor: actors.engine,
    at: facts.now,
    project: environment.project,
    environment: environment.id,
    release: promotion.release,
    promotion: promotion.id,
    data: { number, document: world.sha256(canonicalJson(document)) },
  });
}

async function describe(
  world: World,
  tx: Transaction,
  { environment, facts, promotion, judgement, number }: Starting & { readonly number: number },
): Promise<Json> {
  const release = (await tx.releases.get(promotion.release))!;
  const project = (await tx.projects.get(environment.project))!;
  const revision = (await tx.pipelines.current(environment.project))!;
  const known = factsOf(facts, release.id);
  const hash = planHash(planOf(facts, promotion), world.sha256);
  const plan = planDocument(environment, release, { before: await beforeOf(tx, environment), planHash: hash });
  const accepted = known.proofs.plans.find(({ planHash: of }) => of === hash);
  const notes = await tx.notes.get(environment.id, release.id);
  const attempts = await tx.promotions.list({ project: project.id, release: release.id, limit: 50 });
  const { trust } = revision.pipeline;
  return {
    format,
    change: number,
    project: project.name,
    environment: environment.spec.name,
    promotion: {
      id: promotion.id,
      kind: promotion.kind,
      origin: { ...promotion.origin },
      requestedAt: promotion.requestedAt,
    },
    release: {
      id: release.id,
      number: release.number,
      commit: release.content.commit,
      artifact: release.content.artifact,
      title: release.content.title,
      author: release.content.author,
      refs: release.refs,
    },
    plan: { ...plan, commits: known.proofs.commits?.commits ?? null, acceptedBy: accepted?.by ?? null },
    notes:
      notes === undefined
        ? null
        : { body: notes.body, source: notes.source, by: notes.by, acceptedBy: notes.acceptedBy ?? null },
    risk: { ...riskOf(riskFacts(facts, { known, plan, attempts, trust, promotion, judgement })) },
    approvals: known.approvals
      .filter(({ planHash: of }) => of === hash)
      .map(({ actor, decision, reason, at }) => ({ actor, decision, reason, at })),
    gates: judgement.all.map(({ gate, answer, because }) => ({ gate, answer, because })),
    evidence: known.evidence.map(({ id, kind, name, verdict, standing, by, environment: where, summary, at }) => ({
      id,
      kind,
      name,
      verdict,
      standing,
      by,
      environment: where ?? null,
      summary,
      at,
    })),
    suppressions: facts.suppressions.map((one) => ({ ...one })),
    freezes: facts.freezes.map(({ by, reason, from, until }) => ({ by, reason, from, until: until ?? null })),
    trust: { signatures: trust.signatures, separation: trust.separation },
    revision: revision.id,
    startedAt: facts.now,
  } as unknown as Json;
}

const unsuccessful = new Set(['failed', 'errored', 'inconclusive', 'rolled-back']);

function riskFacts(
  facts: EnvironmentFacts,
  {
    known,
    plan,
    attempts,
    trust,
    promotion,
    judgement,
  }: {
    known: ReleaseFacts;
    plan: PlanDocument;
    attempts: readonly PromotionRow[];
    trust: TrustSpec;
    promotion: Promotion;
    judgement: Answers;
  },
): RiskFacts {
  const commits = known.proofs.commits?.commits;
  const soaked = known.upstream.map((upstream) => soakedFor(upstream, facts.now));
  const changes = (of: PlanDocument['variables']) => of.added.length + of.changed.length + of.removed.length;
  const found = new Set(
    known.evidence.flatMap(({ details }) => (details?.of === 'findings' ? details.findings.map(({ id }) => id) : [])),
  );
  return {
    commits: commits?.length,
    people: new Set(commits?.flatMap(({ authors }) => authors.slice(0, 1)) ?? []).size,
    migrations: changes(plan.migrations),
    variables: changes(plan.variables),
    failedAttempts: attempts.filter(
      ({ promotion: { id, progress } }) =>
        id !== promotion.id && progress.state === 'ended' && unsuccessful.has(progress.outcome),
    ).length,
    exemptions: promotion.kind === 'rollback' ? facts.freezes.length : 0,
    bypassed: judgement.all.flatMap((answer) => ('breakGlass' in answer ? [answer.gate] : [])),
    suppressions: facts.suppressions.filter(({ finding, until }) => found.has(finding) && facts.now < until).length,
    soaked: soaked.length === 0 ? undefined : Math.min(...soaked),
    firstDeployment: facts.running === undefined,
    direction: plan.direction,
    trusted: trust.signatures === 'strict' && trust.separation === 'two-person',
  };
}

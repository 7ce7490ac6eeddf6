/** Releases, builds, promotions and their evidence, for people who look through them. */
import { Failure } from '../../domain/base/failure.ts';
import { propose } from '../../domain/promotion/automation.ts';
import { availability } from '../../domain/gate/availability.ts';
import type { Environment, PromotionRow, Transaction } from '../../ports/store.ts';
import { findEnvironment, findProject, findPromotion, findRelease } from '../find.ts';
import { judge } from '../gate/question.ts';
import { viewEvidence } from '../release/view-evidence.ts';
import { titled, viewAnswers, viewBuild, viewPromotion, viewRelease } from './present.ts';
import type {
  BuildView,
  EvidenceView,
  NextView,
  PromotionView,
  ReleaseDetailView,
  ReleaseView,
  RollbackTargetView,
  VerificationRequestView,
  VetoView,
} from './views.ts';
import type { RolloutBrief } from '../rollout/rollout-views.ts';
import { briefOf } from '../rollout/show-rollout.ts';
import type { World } from '../world.ts';

export function listReleases(
  world: World,
  project: string | undefined,
  page: { limit: number; before?: number },
): Promise<readonly ReleaseView[]> {
  return world.store.transaction(async (tx) => {
    const { id } = await findProject(tx, project);
    return (await tx.releases.newest(id, page.limit, page.before)).map(viewRelease);
  });
}

export function listBuilds(world: World, project: string | undefined, limit: number): Promise<readonly BuildView[]> {
  return world.store.transaction(async (tx) =>
    (await tx.builds.recent((await findProject(tx, project)).id, limit)).map(viewBuild),
  );
}

/** One release with its journey: what every environment knows of it. */
export function showRelease(world: World, project: string | undefined, text: string): Promise<ReleaseDetailView> {
  return world.store.transaction(async (tx) => {
    const { id, name } = await findProject(tx, project);
    const release = await findRelease(tx, id, text);
    const environments = (await tx.environments.ofProject(id)).filter(({ retired }) => !retired);
    const evidence = await tx.evidence.ofRelease(release.id);
    const names = new Map(environments.map((environment) => [environment.id, environment.spec.name]));
    const journey = [];
    for (const environment of environments) journey.push(await station(tx, environment, release.id));
    return {
      project: name,
      release: viewRelease(release),
      migrations: release.content.migrations.map(({ path }) => path),
      journey,
      evidence: evidence.map((piece) => viewEvidence(piece, piece.environment && names.get(piece.environment))),
    };
  });
}

async function station(
  tx: Transaction,
  environment: Environment,
  release: ReleaseDetailView['release']['id'],
): Promise<ReleaseDetailView['journey'][number]> {
  const verified = await tx.verifications.find(environment.id, release);
  const running = environment.deployment === undefined ? undefined : await tx.deployments.get(environment.deployment);
  const promotions = await tx.promotions.list({ environment: environment.id, release, limit: 10 });
  return {
    environment: environment.spec.name,
    running: running?.release === release,
    verdict: verified?.verdict ?? null,
    verdictReason: verified?.reason ?? null,
    verifiedAt: verified?.at ?? null,
    promotions: promotions.map(viewPromotion),
  };
}

export function listPromotions(
  world: World,
  project: string | undefined,
  page: { environment?: string; limit: number; before?: number },
): Promise<readonly (PromotionView & { readonly cursor: number })[]> {
  return world.store.transaction(async (tx) => {
    const { id } = await findProject(tx, project);
    const environment = page.environment === undefined ? undefined : await findEnvironment(tx, id, page.environment);
    const rows = await tx.promotions.list({
      project: id,
      limit: page.limit,
      ...(environment === undefined ? {} : { environment: environment.id }),
      ...(page.before === undefined ? {} : { before: page.before }),
    });
    return rows.map((row) => ({ ...viewPromotion(row), cursor: row.seq }));
  });
}

export function showPromotion(
  world: World,
  id: string,
): Promise<PromotionView & { readonly evidence: readonly EvidenceView[]; readonly rollout: RolloutBrief | null }> {
  return world.store.transaction(async (tx) => {
    const row: PromotionRow = await findPromotion(tx, id);
    const evidence = await tx.evidence.ofPromotion(row.promotion.id);
    const rollout = await tx.rollouts.get(row.promotion.id);
    return {
      ...viewPromotion(row),
      evidence: evidence.map((piece) => viewEvidence(piece, row.environmentName)),
      rollout: rollout === undefined ? null : briefOf(rollout),
    };
  });
}

/** As many as fit a list that a person chooses from by one digit. */
const mostTargets = 9;

/** R36: releases that this environment could go back to, the last good one first. */
export function rollbackTargets(
  world: World,
  project: string | undefined,
  name: string,
): Promise<readonly RollbackTargetView[]> {
  return world.store.transaction(async (tx) => {
    const environment = await findEnvironment(tx, (await findProject(tx, project)).id, name);
    const running = environment.deployment === undefined ? undefined : await tx.deployments.get(environment.deployment);
    const verified = new Set(
      (await tx.verifications.of(environment.id))
        .filter(({ verdict }) => verdict === 'PASS')
        .map(({ release }) => release),
    );
    const targets = new Map<string, RollbackTargetView>();
    for (const row of await tx.deployments.history(environment.id, 200)) {
      if (
        row.occupiedFrom === undefined ||
        row.release === running?.release ||
        !verified.has(row.release) ||
        targets.has(row.release)
      )
        continue;
      const release = await tx.releases.get(row.release);
      if (release !== undefined)
        targets.set(row.release, { ...viewRelease(release), lastUntil: row.occupiedUntil ?? null });
      if (targets.size === mostTargets) break;
    }
    return [...targets.values()];
  });
}

export function showVerification(world: World, id: string): Promise<VerificationRequestView> {
  return world.store.transaction(async (tx) => {
    const request = await tx.verificationRequests.get(id);
    if (request === undefined) throw new Failure('request/not-found', `there is no verification ${id}`);
    return { id: request.id, state: request.state, verdict: request.verdict ?? null, reason: request.reason ?? null };
  });
}

/** R29: what would happen here if nobody held or pinned the environment. */
export function next(world: World, project: string | undefined, name: string): Promise<NextView> {
  return world.store.transaction(async (tx) => {
    const { id } = await findProject(tx, project);
    const environment = await findEnvironment(tx, id, name);
    const loaded = await tx.environments.facts(environment.id, { now: world.clock.now() });
    const facts = { ...loaded, hold: undefined, pin: undefined, lease: environment.lease };
    const waiting = facts.open.filter((promotion) => promotion.progress.state === 'waiting').at(-1);
    const proposal = propose(facts, (release) => availability(facts.spec, release).answer === 'open').at(-1);
    const candidate =
      proposal === undefined
        ? waiting
        : { release: proposal.release.id, kind: 'promotion' as const, origin: proposal.origin };
    if (candidate === undefined)
      return { environment: name, release: null, answers: [], sentence: `nothing would be deployed to ${name}` };
    const release = await tx.releases.get(candidate.release);
    if (release === undefined) throw new Failure('release/unknown', `release ${candidate.release} is gone`);
    const answers = judge(world, facts, candidate);
    const when =
      answers.summary === 'open'
        ? 'at once'
        : answers.summary === 'waiting'
          ? 'when its gates open'
          : 'not at all: a gate is closed';
    return {
      environment: name,
      release: titled(release),
      answers: viewAnswers(answers),
      sentence: `release #${release.number} would be deployed to ${name} ${when}`,
    };
  });
}

/** Releases that are marked bad (R30). */
export function standingVetoes({ store }: World, projectName: string | undefined): Promise<readonly VetoView[]> {
  return store.transaction(async (tx) => {
    const project = await findProject(tx, projectName);
    const views: VetoView[] = [];
    for (const { release, environment, ...said } of await tx.vetoes.standing(project.id)) {
      const place = environment === undefined ? undefined : await tx.environments.get(environment);
      views.push({
        release: titled((await tx.releases.get(release))!),
        environment: place?.spec.name ?? null,
        by: said.by,
        reason: said.reason,
        at: said.at,
      });
    }
    return views;
  });
}

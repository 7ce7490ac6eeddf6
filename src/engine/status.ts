/** Where everything is: the answer to "where is my commit, and what waits on whom?" */
import type { EnvironmentId } from '../domain/base/id.ts';
import type { Environment, NewFreeze, Project, Transaction } from '../ports/store.ts';
import { findProject } from './find.ts';
import { viewBuild, viewPromotion, viewRelease } from './present.ts';
import { withoutCredentials } from './register.ts';
import type { EnvironmentView, RunningView, StatusView } from './views.ts';
import type { World } from './world.ts';

/** Builds shown beside the environments. */
const recentBuilds = 10;

export function status(world: World, projectName: string | undefined): Promise<StatusView> {
  return world.store.transaction(async (tx) => {
    const project = await findProject(tx, projectName);
    const now = world.clock.now();
    const environments = (await tx.environments.ofProject(project.id)).filter(({ retired }) => !retired);
    const freezes = await tx.freezes.active(project.id, now);
    const views: EnvironmentView[] = [];
    for (const environment of environments) views.push(await viewEnvironment(tx, environment, freezes));
    const [newest] = await tx.releases.newest(project.id, 1);
    const builds = (await tx.builds.recent(project.id, recentBuilds)).filter(
      (build) => build.state !== 'built' && (build.number > (newest?.number ?? 0) || build.state === 'running' || build.state === 'waiting'),
    );
    return {
      project: project.name,
      source: viewSource(project),
      environments: views,
      builds: builds.map(viewBuild),
      newest: newest === undefined ? null : viewRelease(newest),
      at: now,
    };
  });
}

async function viewEnvironment(tx: Transaction, environment: Environment, freezes: readonly NewFreeze[]): Promise<EnvironmentView> {
  const { spec } = environment;
  const open = [
    ...(await tx.promotions.list({ environment: environment.id, state: 'running', limit: 5 })),
    ...(await tx.promotions.list({ environment: environment.id, state: 'waiting', limit: 50 })),
  ];
  const ended = await tx.promotions.list({ environment: environment.id, state: 'ended', limit: 20 });
  const active = open.find(({ promotion }) => promotion.progress.state === 'running');
  const last = ended.find(({ promotion }) => promotion.progress.state === 'ended' && promotion.progress.outcome !== 'superseded');
  return {
    name: spec.name,
    kind: spec.kind,
    hosting: spec.hosting,
    after: spec.after.environments,
    queue: spec.queue,
    url: spec.target.kind === 'process' ? (environment.port === undefined ? null : `http://127.0.0.1:${environment.port}`) : (spec.target.url ?? null),
    running: await viewRunning(tx, environment),
    hold: environment.hold ?? null,
    pin: environment.pin ?? null,
    freezes: freezes.filter((freeze) => concerns(freeze, environment.id)).map((freeze) => ({ id: freeze.id, by: freeze.by, reason: freeze.reason, at: freeze.from, until: freeze.until ?? null })),
    active: active === undefined ? null : viewPromotion(active),
    waiting: open.filter((row) => row !== active).map(viewPromotion),
    last: last === undefined ? null : viewPromotion(last),
    lookAgainAt: environment.dueAt ?? null,
  };
}

function concerns(freeze: NewFreeze, environment: EnvironmentId): boolean {
  return freeze.environment === undefined || freeze.environment === environment;
}

async function viewRunning(tx: Transaction, environment: Environment): Promise<RunningView | null> {
  const row = environment.deployment === undefined ? undefined : await tx.deployments.get(environment.deployment);
  const release = row && (await tx.releases.get(row.release));
  if (row === undefined || release === undefined) return null;
  const verified = await tx.verifications.find(environment.id, row.release);
  return {
    release: { id: release.id, number: release.number, commit: release.content.commit, title: release.content.title },
    promotion: row.promotion,
    deployment: row.id,
    since: row.occupiedFrom ?? row.createdAt,
    verdict: verified?.verdict ?? null,
    verdictReason: verified?.reason ?? null,
  };
}

function viewSource(project: Project): StatusView['source'] {
  return { url: withoutCredentials(project.sourceUrl), error: project.poll.error ?? null, nextLookAt: project.poll.dueAt };
}

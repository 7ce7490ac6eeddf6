/** Where everything is: the answer to "where is my commit, and what waits on whom?" */
import { asFailure } from '../../domain/base/failure.ts';
import type { EnvironmentId } from '../../domain/base/id.ts';
import type { Instant } from '../../domain/base/time.ts';
import type { Environment, NewFreeze, Project, Transaction } from '../../ports/store.ts';
import { localUrl, sketch, type Recorded } from '../promotion/deployment.ts';
import { findProject } from '../find.ts';
import { viewBuild, viewPromotion, viewRelease } from './present.ts';
import { withoutCredentials } from '../../domain/base/hidden.ts';
import { canShareTraffic } from '../../domain/pipeline/defaults.ts';
import { ailmentOf, restartAfterOf, whyRestarting, type Ailment } from '../../domain/observation/ailing.ts';
import { limitsInForce, limitsSentence } from '../../domain/pipeline/traffic-limits.ts';
import { runsHere } from '../../domain/pipeline/environment.ts';
import { briefOf } from '../rollout/show-rollout.ts';
import type { EnvironmentView, RunningView, ServiceView, StatusView } from './views.ts';
import type { World } from '../world.ts';

/** Builds shown beside the environments. */
const recentBuilds = 10;

export async function status(world: World, projectName: string | undefined): Promise<StatusView> {
  const { view, services } = await world.store.transaction((tx) => load(tx, projectName, world.clock.now()));
  // Looked at outside the transaction: processes take the time they take.
  const seen = await Promise.all(
    view.environments.map((environment) => observe(world, services.get(environment.name))),
  );
  return {
    ...view,
    environments: view.environments.map((environment, index) => ({ ...environment, service: seen[index] ?? null })),
  };
}

/** Everything but what can only be seen of running processes, and where to look for that. */
async function load(
  tx: Transaction,
  projectName: string | undefined,
  now: Instant,
): Promise<{ view: StatusView; services: ReadonlyMap<string, Recorded> }> {
  const project = await findProject(tx, projectName);
  const environments = (await tx.environments.ofProject(project.id)).filter(
    ({ retired, deployment }) => !retired || deployment !== undefined,
  );
  const freezes = await tx.freezes.active(project.id, now);
  const freezesAhead = await tx.freezes.ahead(project.id, now);
  const views: EnvironmentView[] = [];
  const services = new Map<string, Recorded>();
  for (const environment of environments) {
    const deployed = await findDeployed(tx, { environment, project });
    if (deployed !== undefined && runsHere(deployed.row.snapshot.target)) services.set(environment.spec.name, deployed);
    views.push(await viewEnvironment(tx, { environment, deployed, freezes, freezesAhead }));
  }
  const [newest] = await tx.releases.newest(project.id, 1);
  const builds = (await tx.builds.recent(project.id, recentBuilds)).filter(
    (build) =>
      build.state !== 'built' &&
      (build.number > (newest?.number ?? 0) || build.state === 'running' || build.state === 'waiting'),
  );
  const view: StatusView = {
    project: project.name,
    source: viewSource(project),
    environments: views,
    builds: builds.map(viewBuild),
    newest: newest === undefined ? null : viewRelease(newest),
    undelivered: await countUndelivered(tx, project),
    at: now,
  };
  return { view, services };
}

/** Through channels of the project, and of the installation, which are everybody's. */
async function countUndelivered(tx: Transaction, { id }: Project): Promise<number> {
  const dead = await tx.deliveries.dead();
  if (dead.length === 0) return 0;
  const own = (await tx.channels.list()).filter(({ project }) => project === undefined || project === id);
  return dead.filter(({ channel }) => own.some((one) => one.id === channel)).reduce((sum, { count }) => sum + count, 0);
}

async function findDeployed(
  tx: Transaction,
  { environment, project }: { environment: Environment; project: Project },
): Promise<Recorded | undefined> {
  const row = environment.deployment === undefined ? undefined : await tx.deployments.get(environment.deployment);
  const release = row && (await tx.releases.get(row.release));
  return row && release && { row, release, environment, project };
}

/** While something deploys, what was there is being replaced: being down then is no news. */
async function observe(world: World, deployed: Recorded | undefined): Promise<ServiceView | null> {
  if (deployed === undefined || deployed.environment.lease !== undefined) return null;
  const { kind } = deployed.row.snapshot.target;
  // What cannot be asked must not keep people from everything else.
  const observed = await world.targets[kind].inspect(sketch(deployed)).catch((thrown: unknown) => {
    const because = `it cannot be looked at: ${asFailure(thrown).message}`;
    return { observed: 'down', because } as const;
  });
  if (observed.observed === 'unknown') return null;
  if (observed.observed === 'down')
    return {
      state: 'down',
      reason: observed.because,
      instances: { up: 0, wanted: deployed.environment.spec.instances ?? 1, because: observed.because },
      restarts: 0,
      cpuMs: null,
      residentBytes: null,
    };
  const { restarts, usage, instances } = observed;
  return {
    state: 'running',
    reason: observed.looping ?? whyRestarting(deployed.environment.ailing, deployed.row.id) ?? null,
    instances: { up: instances.up, wanted: instances.wanted, because: instances.because ?? null },
    restarts,
    cpuMs: usage?.cpuMs ?? null,
    residentBytes: usage?.residentBytes ?? null,
  };
}

interface Shown {
  readonly environment: Environment;
  readonly deployed: Recorded | undefined;
  readonly freezes: readonly NewFreeze[];
  readonly freezesAhead: readonly NewFreeze[];
}

async function viewEnvironment(tx: Transaction, shown: Shown): Promise<EnvironmentView> {
  const { environment, deployed } = shown;
  const { spec } = environment;
  const open = [
    ...(await tx.promotions.list({ environment: environment.id, state: 'running', limit: 5 })),
    ...(await tx.promotions.list({ environment: environment.id, state: 'waiting', limit: 50 })),
  ];
  const ended = await tx.promotions.list({ environment: environment.id, state: 'ended', limit: 20 });
  const active = open.find(({ promotion }) => promotion.progress.state === 'running');
  const last = ended.find(
    ({ promotion }) => promotion.progress.state === 'ended' && promotion.progress.outcome !== 'superseded',
  );
  const rollout = active && (await tx.rollouts.get(active.promotion.id));
  return {
    name: spec.name,
    retired: environment.retired,
    stopRequest: environment.stopRequest ?? null,
    kind: spec.kind,
    hosting: spec.hosting,
    after: spec.after.environments,
    queue: spec.queue,
    url: (runsHere(spec.target) ? localUrl(environment) : spec.target.url) ?? null,
    database: spec.database.kind,
    limits: viewLimits(environment, deployed),
    running: deployed === undefined ? null : await viewRunning(tx, deployed),
    service: null,
    ailment: (deployed && ailmentIn(deployed)) ?? null,
    hold: environment.hold ?? null,
    pin: environment.pin ?? null,
    freezes: viewFreezes(shown.freezes, environment.id),
    freezesAhead: viewFreezes(shown.freezesAhead, environment.id),
    active: active === undefined ? null : viewPromotion(active),
    rollout: rollout === undefined ? null : briefOf(rollout),
    waiting: open.filter((row) => row !== active).map(viewPromotion),
    last: last === undefined ? null : viewPromotion(last),
    lookAgainAt: environment.dueAt ?? null,
  };
}

function ailmentIn({ environment, row }: Recorded): Ailment | undefined {
  const restartAfter = restartAfterOf(row.snapshot.service.health);
  const instances = environment.spec.instances ?? 1;
  return ailmentOf(environment.ailing, { deployment: row.id, restartAfter, instances });
}

/** Those of the deployment: what is written holds from the next one on. */
function viewLimits({ spec }: Environment, deployed: Recorded | undefined): EnvironmentView['limits'] {
  const { target, traffic, limits } = deployed?.row.snapshot ?? spec;
  if (!canShareTraffic(target)) return null;
  const { bodyBytes = null, ...times } = limitsInForce(limits, traffic);
  return { bodyBytes, ...times, sentence: limitsSentence(limitsInForce(limits, traffic)) };
}

function viewFreezes(freezes: readonly NewFreeze[], here: EnvironmentId): EnvironmentView['freezes'] {
  return freezes
    .filter(({ environment }) => environment === undefined || environment === here)
    .map(({ id, by, reason, from, until }) => ({ id, by, reason, at: from, until: until ?? null }));
}

async function viewRunning(tx: Transaction, { row, release, environment }: Recorded): Promise<RunningView> {
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
  return {
    url: withoutCredentials(project.sourceUrl),
    error: project.poll.error ?? null,
    nextLookAt: project.poll.dueAt,
  };
}

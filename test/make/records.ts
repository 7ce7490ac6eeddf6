/** Records for tests: complete, plausible, each different from the one before. */
import type { Role } from '../../src/domain/access/role.ts';
import type {
  EnvironmentId,
  NotificationId,
  PersonId,
  ProjectId,
  PromotionId,
  ReleaseId,
} from '../../src/domain/base/id.ts';
import { instant, type Duration, type Instant } from '../../src/domain/base/time.ts';
import type { EnvironmentSpec } from '../../src/domain/pipeline/environment.ts';
import type { Pipeline, ServiceSpec } from '../../src/domain/pipeline/pipeline.ts';
import type { Origin, Promotion } from '../../src/domain/promotion/promotion.ts';
import type { Channel } from '../../src/domain/notification/channel.ts';
import type { Evidence } from '../../src/domain/release/evidence.ts';
import type { Build, DeploymentRow, PipelineRevision, Project } from '../../src/ports/records.ts';
import type { Transaction } from '../../src/ports/store.ts';
import { newId, sha256 } from '../world/make.ts';

let last = 1_000;

/** Later than every time answered before. */
export function later(): Instant {
  last += 1_000;
  return instant(last);
}

let counted = 0;

function commit(): string {
  counted += 1;
  return counted.toString(16).padStart(8, '0').repeat(5);
}

const service: ServiceSpec = {
  start: 'node server.mjs',
  migrateTimeout: 60_000 as Duration,
  health: { kind: 'process', settle: 100 as Duration },
  stopGrace: 1_000 as Duration,
};

export function makeProject(changes: Partial<Project> = {}): Project {
  counted += 1;
  return {
    id: newId('prj'),
    name: `project-${counted}`,
    sourceUrl: 'file:///srv/project.git',
    revision: undefined,
    poll: { dueAt: instant(0), failures: 0, error: undefined },
    createdAt: later(),
    ...changes,
  };
}

export function makeSpec(name: string, changes: Partial<EnvironmentSpec> = {}): EnvironmentSpec {
  return {
    name,
    kind: 'staging',
    hosting: 'local',
    after: { mode: 'all', environments: [] },
    triggers: [{ on: 'main' }],
    gates: [],
    verification: 'none',
    queue: 'latest',
    rollback: 'automatic',
    target: { kind: 'process' },
    rollout: { strategy: 'all-at-once' },
    database: { kind: 'none' },
    settings: { debug: false, logLevel: 'info', experimental: false },
    variables: {},
    ...changes,
  };
}

function makePipeline(environments: readonly EnvironmentSpec[]): Pipeline {
  return {
    project: 'shop',
    mainBranch: 'main',
    poll: 30_000 as Duration,
    build: {
      commands: [],
      timeout: 60_000 as Duration,
      outputLimitBytes: 1e9,
      allowVariables: [],
      variables: {},
      output: '.',
      exclude: [],
    },
    service,
    trust: { signatures: 'none', separation: 'none', breakGlass: 'none' },
    environments,
  };
}

function makeRevision(project: ProjectId, pipeline: Pipeline): PipelineRevision {
  return {
    id: newId('ppl'),
    project,
    digest: sha256(JSON.stringify(pipeline)),
    pipeline,
    text: 'project: shop\n',
    appliedBy: 'ada',
    appliedAt: later(),
  };
}

export function makePromotion(
  environment: EnvironmentId,
  release: ReleaseId,
  changes: Partial<Promotion> = {},
): Promotion {
  return {
    id: newId('prm'),
    environment,
    release,
    kind: 'promotion',
    origin: { by: 'person', actor: 'ada' },
    requestedAt: later(),
    progress: { state: 'waiting' },
    ...changes,
  };
}

export function byTrigger(key: string, trigger: (Origin & { by: 'trigger' })['trigger'] = 'main'): Origin {
  return { by: 'trigger', trigger, key };
}

export function makeBuild(project: ProjectId, number: number, changes: Partial<Build> = {}): Build {
  return {
    id: newId('bld'),
    project,
    commit: commit(),
    number,
    state: 'waiting',
    attempt: 1,
    release: undefined,
    reason: undefined,
    owner: undefined,
    title: 'make it faster',
    author: 'Ada <ada@example.org>',
    createdAt: later(),
    startedAt: undefined,
    endedAt: undefined,
    ...changes,
  };
}

export function makeDeployment(environment: EnvironmentId, release: ReleaseId, promotion: PromotionId): DeploymentRow {
  return {
    id: newId('dep'),
    environment,
    release,
    promotion,
    undoes: undefined,
    cause: 'promotion',
    continues: [],
    snapshot: { service, target: { kind: 'process' }, variables: {}, url: undefined },
    createdAt: later(),
    occupiedFrom: undefined,
    occupiedUntil: undefined,
  };
}

export interface Shop {
  readonly project: Project;
  readonly environments: Readonly<Record<string, EnvironmentId>>;
}

/** A project with these environments and its pipeline in force. */
export async function insertShop(tx: Transaction, specs: readonly EnvironmentSpec[]): Promise<Shop> {
  const project = makeProject();
  const revision = makeRevision(project.id, makePipeline(specs));
  await tx.projects.insert(project);
  await tx.pipelines.insert(revision);
  await tx.projects.setRevision(project.id, revision.id);
  const environments: Record<string, EnvironmentId> = {};
  for (const [position, spec] of specs.entries()) {
    const id = newId('env');
    environments[spec.name] = id;
    await tx.environments.upsert({ id, project: project.id, position, spec, dueAt: instant(0) });
  }
  return { project: { ...project, revision: revision.id }, environments };
}

/** A release with its commit seen at these refs. */
export async function insertRelease(
  tx: Transaction,
  project: ProjectId,
  refs: readonly string[] = ['refs/heads/main'],
): Promise<{ id: ReleaseId; number: number; commit: string }> {
  const number = await tx.projects.nextReleaseNumber(project);
  const id = newId('rel');
  const content = {
    commit: commit(),
    artifact: sha256(id),
    service,
    migrations: [],
    title: `change ${number}`,
    author: 'ada',
  };
  for (const ref of refs)
    await tx.refs.move({ project, ref, from: undefined, to: content.commit, fastForward: undefined, at: later() });
  await tx.releases.insert({ id, project, number, content, createdAt: later() }, 1_000);
  return { id, number, commit: content.commit };
}

/** The release was deployed here and runs from now on. */
export async function occupy(
  tx: Transaction,
  project: ProjectId,
  where: { environment: EnvironmentId; release: ReleaseId; at?: Instant },
): Promise<DeploymentRow> {
  const { environment, release, at = later() } = where;
  const promotion = makePromotion(environment, release, {
    progress: { state: 'ended', outcome: 'succeeded', startedAt: at, endedAt: at },
  });
  await tx.promotions.insert(promotion, project);
  const deployment = makeDeployment(environment, release, promotion.id);
  await tx.deployments.insert(deployment);
  await tx.deployments.occupy(environment, deployment.id, at);
  return deployment;
}

export async function verify(
  tx: Transaction,
  where: {
    environment: EnvironmentId;
    release: { id: ReleaseId; number: number };
    verdict?: 'PASS' | 'FAIL';
    at?: Instant;
  },
): Promise<void> {
  const { environment, release, verdict = 'PASS', at = later() } = where;
  await tx.verifications.record({
    environment,
    release: release.id,
    number: release.number,
    id: newId('vrd'),
    verdict,
    at,
    reason: 'as told',
  });
}

/** Attested evidence that passed, about the artifact wherever it runs. */
export function makeEvidence(release: ReleaseId, changes: Partial<Evidence> = {}): Evidence {
  return {
    id: newId('evd'),
    release,
    artifact: sha256(release),
    environment: undefined,
    promotion: undefined,
    gitCommit: undefined,
    kind: 'tests',
    name: 'unit',
    verdict: 'PASS',
    standing: 'attested',
    by: 'system:engine',
    summary: 'as told',
    details: { of: 'exit', code: 0 },
    format: 'exit-code',
    content: sha256('content'),
    envelope: undefined,
    signer: undefined,
    at: later(),
    expiresAt: undefined,
    milliseconds: 12,
    run: undefined,
    ...changes,
  };
}

/** Somebody with these roles on every project, from the beginning of time. */
export async function insertPerson(
  tx: Transaction,
  handle: string,
  { roles, emails = [] }: { roles: readonly Role[]; emails?: readonly string[] },
): Promise<PersonId> {
  const id = newId('per');
  const start = instant(0);
  const person = { id, handle, name: handle, emails, createdAt: start, createdBy: 'test', disabledAt: undefined };
  if (!(await tx.people.insert(person))) throw new Error(`${handle} or one of the addresses is somebody's`);
  for (const role of roles) {
    const rest = { until: undefined, grantedBy: 'test', reason: undefined, revokedAt: undefined };
    await tx.grants.insert({ id: newId('grt'), person: id, role, project: undefined, from: start, ...rest });
  }
  return id;
}

export function makeChannel(changes: Partial<Channel> = {}): Channel {
  return {
    id: newId('chn'),
    name: `channel-${++counted}`,
    project: undefined,
    settings: { kind: 'webhook', url: 'https://receiver.example/', secret: 'SIGNING' },
    routes: [{ atLeast: 'info', kinds: [], environments: [] }],
    createdBy: 'test',
    createdAt: instant(0),
    disabled: undefined,
    ...changes,
  };
}

/** One that could not be delivered to a channel of its own. */
export async function insertDeadNotification(
  tx: Transaction,
  project: ProjectId,
  at: Instant = later(),
): Promise<NotificationId> {
  const channel = makeChannel({ project });
  const id = newId('ntf');
  const about = { project, environment: undefined, kind: 'build.failed', summary: 'a build failed', at };
  const rest = { severity: 'warning' as const, deciders: [], group: undefined, foldedInto: undefined };
  await tx.channels.insert(channel);
  await tx.notifications.insert({ id, event: 1_000_000 + ++counted, ...about, ...rest });
  const state = {
    state: 'dead' as const,
    round: 1,
    attempts: 1,
    dueAt: at,
    claim: undefined,
    because: 'it was refused',
  };
  await tx.deliveries.insert({ id: newId('dlv'), notification: id, channel: channel.id, ...state, changedAt: at });
  return id;
}

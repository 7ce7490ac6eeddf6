/** How a release is started in an environment: the record of it, and the record brought to life. */
import { Failure } from '../../domain/base/failure.ts';
import { hiddenForms, secretsIn } from '../../domain/base/hidden.ts';
import type { DeploymentId, PromotionId } from '../../domain/base/id.ts';
import { runsHere, type EnvironmentSpec, type VariableSpec } from '../../domain/pipeline/environment.ts';
import type { RolloutSpec } from '../../domain/pipeline/rollout-spec.ts';
import type { Release } from '../../domain/release/release.ts';
import type { DeploymentSnapshot } from '../../ports/snapshot.ts';
import type { DeploymentRow, Environment, Project, StoredRelease } from '../../ports/store.ts';
import type { Deployment } from '../../ports/target.ts';
import { newId, type World } from '../world.ts';

/** R36: config as it is now, written down so that coming back to this release brings it back too. */
export function snapshotOf(environment: Environment, release: Release): DeploymentSnapshot {
  const { spec } = environment;
  return {
    service: release.content.service,
    target: spec.target,
    ...(spec.resources === undefined ? {} : { resources: spec.resources }),
    variables: { ...settingsOf(spec), ...spec.variables },
    url: runsHere(spec.target) ? localUrl(environment) : spec.target.url,
  };
}

/** Where a service that Liftlock starts here answers; absent before it has a port. */
export function localUrl({ port }: Environment): string | undefined {
  return port === undefined ? undefined : `http://127.0.0.1:${port}`;
}

/** Older services of the same release have been retired long since. */
const mostContinued = 5;

export function newDeployment(
  world: World,
  wish: {
    environment: Environment;
    release: Release;
    promotion: PromotionId;
    undoes?: PromotionId | undefined;
    cause: DeploymentRow['cause'];
    /** The deployment in whose way the release is started again. */
    like?: DeploymentRow | undefined;
    snapshot: DeploymentSnapshot;
  },
): DeploymentRow {
  return {
    id: newId(world, 'dep') as DeploymentId,
    environment: wish.environment.id,
    release: wish.release.id,
    promotion: wish.promotion,
    undoes: wish.undoes,
    cause: wish.cause,
    continues: wish.like === undefined ? [] : [wish.like.id, ...wish.like.continues].slice(0, mostContinued),
    snapshot: ledAsNow(wish.snapshot, wish.environment.spec),
    createdAt: world.clock.now(),
    occupiedFrom: undefined,
    occupiedUntil: undefined,
  };
}

/**
 * By whom requests are led and what they are held to is, like the port, the environment's own: going back to a release does not go
 * back to it. It is written down with the deployment because a rollout's steps were judged by what that one can, and so that nothing
 * but weights changes between its steps.
 */
function ledAsNow(snapshot: DeploymentSnapshot, { traffic, limits }: EnvironmentSpec): DeploymentSnapshot {
  return { ...snapshot, traffic, limits };
}

/** A deployment with what it belongs to. */
export interface Recorded {
  readonly row: DeploymentRow;
  readonly environment: Environment;
  readonly release: StoredRelease;
  readonly project: Project;
}

/** The record with everything that is known only now: secrets, the database's address, the port. */
export async function bringToLife(world: World, recorded: Recorded): Promise<Deployment> {
  const { row, environment, release, project } = recorded;
  const { spec } = environment;
  const resolved = await resolveVariables(
    world,
    { project: project.name, environment: spec.name },
    row.snapshot.variables,
  );
  const database = await databaseUrl(world, environment, project);
  const data =
    row.snapshot.target.kind === 'process' ? await world.host.dataDirectory(`${project.name}/${spec.name}`) : undefined;
  // The port may have changed since this release last ran here.
  const url = runsHere(row.snapshot.target) ? localUrl(environment) : row.snapshot.url;
  const variables = {
    // An image brings its own.
    ...(row.snapshot.target.kind === 'docker' ? {} : world.host.variables),
    LIFTLOCK_PROJECT: project.name,
    LIFTLOCK_ENVIRONMENT: spec.name,
    LIFTLOCK_KIND: spec.kind,
    LIFTLOCK_RELEASE: release.id,
    LIFTLOCK_RELEASE_NUMBER: String(release.number),
    LIFTLOCK_COMMIT: release.content.commit,
    ...(url === undefined ? {} : { LIFTLOCK_URL: url }),
    ...(data === undefined ? {} : { LIFTLOCK_DATA: data }),
    ...(database === undefined ? {} : { DATABASE_URL: database }),
    ...resolved,
  };
  const secrets = Object.entries(row.snapshot.variables).flatMap(([name, from]) =>
    'secret' in from ? [resolved[name]!] : [],
  );
  const hide = hiddenForms([...secrets, ...(database === undefined ? [] : [database]), ...secretsIn(variables)]);
  return { ...sketch(recorded), variables, hide };
}

/** The deployment without its variables: enough to look at what runs, not to start it. */
export function sketch({ row, environment, release, project }: Recorded): Deployment {
  const { spec } = environment;
  return {
    id: row.id,
    project: { id: project.id, name: project.name },
    environment: { id: environment.id, name: spec.name, kind: spec.kind },
    release: {
      id: release.id,
      number: release.number,
      commit: release.content.commit,
      artifact: release.content.artifact,
    },
    promotion: row.promotion,
    service: row.snapshot.service,
    target: row.snapshot.target,
    traffic: row.snapshot.traffic,
    limits: row.snapshot.limits,
    port: runsHere(row.snapshot.target) && row.snapshot.target.port !== 'none' ? environment.port : undefined,
    resources: row.snapshot.resources,
    instances: spec.instances ?? 1,
    continues: row.continues,
    ...routesOf(spec.rollout),
    ...(spec.rollout.strategy === 'recreate' ? { aloneHoldMs: spec.rollout.hold } : {}),
    variables: {},
    hide: [],
  };
}

/** Also outside of a rollout: what is usual on each route is known when the next one begins. */
function routesOf(rollout: RolloutSpec): Pick<Deployment, 'routes'> {
  if (rollout.strategy !== 'canary' || rollout.analysis === 'none' || rollout.analysis.routes === undefined) return {};
  return { routes: rollout.analysis.routes };
}

/** What the kind of environment sets (debug, log level, experimental flags), as the service sees it. */
function settingsOf(spec: EnvironmentSpec): Readonly<Record<string, VariableSpec>> {
  return {
    LOG_LEVEL: { value: spec.settings.logLevel },
    LIFTLOCK_DEBUG: { value: String(spec.settings.debug) },
    LIFTLOCK_EXPERIMENTAL: { value: String(spec.settings.experimental) },
  };
}

async function resolveVariables(
  world: World,
  scope: { project: string; environment: string },
  variables: Readonly<Record<string, VariableSpec>>,
): Promise<Record<string, string>> {
  const resolved: Record<string, string> = {};
  for (const [name, variable] of Object.entries(variables)) {
    resolved[name] = 'value' in variable ? variable.value : await readSecret(world, scope, variable.secret);
  }
  return resolved;
}

async function readSecret(
  world: World,
  scope: { project: string; environment: string },
  name: string,
): Promise<string> {
  const value = await world.secrets.read(scope, name);
  if (value !== undefined) return value;
  throw new Failure('secret/missing', `secret ${name} of ${scope.project}/${scope.environment} is missing`, {
    hint: `liftlock secret set ${name} --environment ${scope.environment}`,
  });
}

async function databaseUrl(world: World, { spec }: Environment, project: Project): Promise<string | undefined> {
  switch (spec.database.kind) {
    case 'none':
      return undefined;
    case 'managed':
      return (await world.databases.ensure(`${project.name}_${spec.name}`)).url;
    case 'external':
      return readSecret(world, { project: project.name, environment: spec.name }, spec.database.secret);
  }
}

/** Projects to promote in: environments whose deployments only record, so that what is measured is Liftlock's own work. */
import type { EnvironmentId, ProjectId, ReleaseId } from '../src/domain/base/id.ts';
import type { Duration } from '../src/domain/base/time.ts';
import type { EnvironmentKind, EnvironmentSpec, TriggerSpec } from '../src/domain/pipeline/environment.ts';
import type { Pipeline, ServiceSpec } from '../src/domain/pipeline/pipeline.ts';
import { releaseId } from '../src/domain/release/release.ts';
import { applyPipeline } from '../src/engine/pipeline/register.ts';
import type { World } from '../src/engine/world.ts';
import type { Transaction } from '../src/ports/store.ts';
import { sha256 } from './world.ts';

const never = 2 ** 46;
const minute = 60_000 as Duration;

export const service: ServiceSpec = {
  migrateTimeout: minute,
  health: { kind: 'process', settle: 100 as Duration },
  stopGrace: 1_000 as Duration,
};

export interface BenchProject {
  readonly id: ProjectId;
  readonly name: string;
  readonly environments: readonly { readonly id: EnvironmentId; readonly name: string }[];
}

/** An environment that records and verifies nothing. */
export function recording(
  name: string,
  shape: { kind: EnvironmentKind; after?: string; triggers: readonly TriggerSpec[] },
): EnvironmentSpec {
  return {
    name,
    kind: shape.kind,
    hosting: 'local',
    after: { mode: 'all', environments: shape.after === undefined ? [] : [shape.after] },
    triggers: shape.triggers,
    gates: [],
    verification: 'none',
    queue: 'latest',
    rollback: 'automatic',
    target: { kind: 'command', deploy: '', timeout: minute },
    rollout: { strategy: 'all-at-once' },
    database: { kind: 'none' },
    settings: { debug: false, logLevel: 'info', experimental: false },
    variables: {},
  };
}

/** Each environment follows the success of the one before it; the first follows commits. */
export function chain(kinds: readonly EnvironmentKind[]): readonly EnvironmentSpec[] {
  return kinds.map((kind, index) => {
    const after = kinds[index - 1];
    if (after === undefined) return recording(kind, { kind, triggers: [{ on: 'commit', branches: ['**'] }] });
    return recording(kind, { kind, after, triggers: [{ on: 'success' }] });
  });
}

export async function addProject(
  world: World,
  name: string,
  environments: readonly EnvironmentSpec[],
): Promise<BenchProject> {
  const pipeline: Pipeline = {
    project: name,
    mainBranch: 'main',
    poll: minute,
    build: {
      commands: [],
      timeout: minute,
      outputLimitBytes: 2 ** 20,
      allowVariables: [],
      variables: {},
      output: '.',
      exclude: [],
    },
    service,
    trust: { signatures: 'none', separation: 'none', breakGlass: 'none' },
    environments,
  };
  const { project } = await applyPipeline(world, {
    pipeline,
    text: `project: ${name}\n`,
    sourceUrl: `file:///nowhere/${name}.git`,
    actor: 'bench',
  });
  return world.store.transaction(async (tx) => {
    // Nobody looks at the repository: releases are written down directly.
    await tx.projects.setPoll(project.id, { dueAt: never as never, failures: 0, error: undefined });
    const all = await tx.environments.ofProject(project.id);
    return { id: project.id, name, environments: all.map(({ id, spec }) => ({ id, name: spec.name })) };
  });
}

/** A built release whose commit is the tip of main, as a build records it. */
export async function addRelease(
  world: World,
  tx: Transaction,
  project: ProjectId,
): Promise<{ id: ReleaseId; number: number }> {
  const at = world.clock.now();
  const number = await tx.projects.nextReleaseNumber(project);
  const commit = sha256(`${project} ${number}`).slice('sha256:'.length, 'sha256:'.length + 40);
  await tx.refs.move({ project, ref: 'refs/heads/main', from: undefined, to: commit, fastForward: true, at });
  const content = {
    commit,
    artifact: sha256(commit),
    service,
    migrations: [],
    title: `change ${number}`,
    author: 'bench <bench@example.org>',
  };
  const id = releaseId(project, content, sha256);
  await tx.releases.insert({ id, project, number, content, createdAt: at }, 1_000);
  return { id, number };
}

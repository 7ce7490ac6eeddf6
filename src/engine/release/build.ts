/** Builds one commit, once, into the artifact that every environment will get. */
import type { Digest } from '../../domain/base/digest.ts';
import { asFailure, Failure } from '../../domain/base/failure.ts';
import { hiddenForms, secretsIn } from '../../domain/base/hidden.ts';
import type { BuildId, EnvironmentId } from '../../domain/base/id.ts';
import { between } from '../../domain/base/time.ts';
import type { Pipeline } from '../../domain/pipeline/pipeline.ts';
import type { Evidence } from '../../domain/release/evidence.ts';
import { releaseId, type Release } from '../../domain/release/release.ts';
import type { StoredArtifact } from '../../ports/artifacts.ts';
import type { Build, Project } from '../../ports/records.ts';
import type { Transaction } from '../../ports/store.ts';
import { actors } from '../announce.ts';
import { attest } from './attest.ts';
import { reconcileAll } from '../promotion/reconcile.ts';
import { fingerprint, outputOf, runTask } from '../tasks.ts';
import { whileTouching } from '../touching.ts';
import type { World } from '../world.ts';

/** Where a project keeps its migrations, in the artifact. */
const migrationsFolder = 'migrations';

/** Builds that jobs of this process are at. */
const underWay = new Set<BuildId>();

type Outcome =
  | { readonly built: 'yes'; readonly artifact: StoredArtifact; readonly migrations: Release['content']['migrations'] }
  /** `failed`: a command said no. `errored`: nobody can tell. */
  | { readonly built: 'failed' | 'errored'; readonly because: string }
  | { readonly built: 'interrupted' };

/** The job. Safe to repeat: commands are adopted by key, the artifact is named by its content. */
export async function buildCommit(world: World, id: BuildId, signal: AbortSignal): Promise<void> {
  if (underWay.has(id)) return;
  underWay.add(id);
  try {
    const begun = await world.store.transaction((tx) => begin(world, tx, id));
    if (begun !== undefined) await buildBegun(world, begun, signal);
  } finally {
    underWay.delete(id);
  }
}

async function buildBegun(world: World, begun: Begun, signal: AbortSignal): Promise<void> {
  const { id } = begun.build;
  const outcome = await whileTouching(
    world,
    (tx, at) => tx.builds.touch(id, at),
    () => carryOut(world, begun, signal),
  ).catch((thrown: unknown): Outcome => {
    const failure = asFailure(thrown);
    if (failure.code === 'database/unreachable') throw failure;
    world.log.warn('build could not be carried out', { build: id, code: failure.code, message: failure.message });
    return { built: 'errored', because: failure.message };
  });
  if (outcome.built === 'interrupted')
    throw new Failure('lease/lost', `build ${id} is left to another worker: this one is stopping`);
  const made = outcome.built === 'yes' ? await makeRelease(world, begun, outcome) : outcome;
  const woken = await world.store.transaction((tx) => conclude(world, tx, { begun, outcome: made }));
  await world.workspaces.remove(workspaceKey(begun.build));
  await reconcileAll(world, woken);
}

interface Begun {
  readonly build: Build;
  readonly project: Project;
  readonly pipeline: Pipeline;
}

async function begin(world: World, tx: Transaction, id: BuildId): Promise<Begun | undefined> {
  const build = await tx.builds.lock(id);
  if (build === undefined || (build.state !== 'waiting' && build.state !== 'running')) return undefined;
  const project = await tx.projects.lock(build.project);
  const revision = await tx.pipelines.current(build.project);
  if (project === undefined || revision === undefined) return undefined;
  if (build.state === 'running' && (await isTaken(world, tx, build))) return undefined;
  const begun = build.state === 'running';
  const running: Build = {
    ...build,
    state: 'running',
    owner: world.replica,
    startedAt: build.startedAt ?? world.clock.now(),
  };
  await tx.builds.update(running);
  if (begun) return { build: running, project, pipeline: revision.pipeline };
  await tx.events.append({
    kind: 'build.started',
    actor: actors.builder,
    at: running.startedAt!,
    project: build.project,
    data: { build: id, commit: build.commit, number: build.number },
  });
  return { build: running, project, pipeline: revision.pipeline };
}

/** Another live worker has it. */
async function isTaken(world: World, tx: Transaction, { owner }: Build): Promise<boolean> {
  return owner !== undefined && owner !== world.replica && !(await tx.replicas.isGone(owner));
}

async function carryOut(world: World, { build, project, pipeline }: Begun, signal: AbortSignal): Promise<Outcome> {
  const directory = await prepareDirectory(world, { build, project, pipeline });
  const variables = variablesOf(world, { build, project, pipeline });
  const hide = hiddenForms(secretsIn({ ...world.host.variables, ...variables }));
  for (const step of stepsOf(world, { build, project, pipeline })) {
    const result = await runTask(
      world,
      {
        key: step.key,
        command: step.command,
        directory,
        variables,
        hide,
        timeout: pipeline.build.timeout,
        outputLimitBytes: pipeline.build.outputLimitBytes,
      },
      signal,
    );
    // A build has no stop request of its own: whoever interrupts it leaves it to be continued.
    if (result.ended === 'interrupted') return { built: 'interrupted' };
    if (result.ended === 'cut-off')
      return { built: 'errored', because: `${step.name} did not finish: ${result.because}` };
    if (result.exitCode !== 0) {
      return {
        built: step.ofImage && result.exitCode === couldNotTell ? 'errored' : 'failed',
        because: `${step.name} exited with ${result.exitCode}\n${await outputOf(world, step.key)}`.trim(),
      };
    }
  }
  const output = world.workspaces.inside(directory, pipeline.build.output);
  const artifact = await world.artifacts.pack(output, pipeline.build.exclude);
  const files = await world.workspaces.files(output, migrationsFolder);
  return {
    built: 'yes',
    artifact,
    migrations: files.map(({ path, sha256 }) => ({ path, digest: `sha256:${sha256}` as Digest })),
  };
}

/** A clean export, unless a command of this very attempt has already run in it. */
async function prepareDirectory(world: World, { build, project, pipeline }: Begun): Promise<string> {
  const earlier = (await world.processes.list(`${workspaceKey(build)}/`)).filter(
    ({ state }) => state.state !== 'absent',
  );
  const expected = new Set(stepsOf(world, { build, project, pipeline }).map(({ key }) => key));
  if (earlier.some(({ key }) => !expected.has(key))) {
    throw new Failure('build/failed', 'the pipeline was changed while this build was under way', {
      hint: `liftlock retry ${build.number}`,
    });
  }
  if (earlier.length > 0) return world.workspaces.existing(workspaceKey(build));
  const directory = await world.workspaces.fresh(workspaceKey(build));
  await world.source.export({ key: project.id, url: project.sourceUrl }, build.commit, directory);
  return directory;
}

interface Step {
  readonly key: string;
  /** For messages. */
  readonly name: string;
  readonly command: string;
  readonly ofImage: boolean;
}

/** The exit code of an image's command when nobody said no: whoever makes images could not be asked. */
const couldNotTell = 75;

function stepsOf(world: World, { build, project, pipeline }: Begun): readonly Step[] {
  const { commands, image, output, variables } = pipeline.build;
  const keyOf = (index: number, text: string) => `${workspaceKey(build)}/${index}-${fingerprint(world, text)}`;
  const steps = commands.map((command, index) => ({
    key: keyOf(index, command),
    name: `\`${command}\``,
    command,
    ofImage: false,
  }));
  if (image === undefined) return steps;
  const labels = {
    'org.opencontainers.image.title': project.name,
    'org.opencontainers.image.revision': build.commit,
  };
  // How the command is spelt may change with an upgrade while it runs; what it is to do decides whether it is the same.
  const last: Step = {
    key: keyOf(commands.length, JSON.stringify({ image, output, variables })),
    name: 'making the image',
    command: world.images.command({ spec: image, output, variables, labels }),
    ofImage: true,
  };
  return [...steps, last];
}

function variablesOf(world: World, { build, project, pipeline }: Begun): Record<string, string> {
  const allowed = pipeline.build.allowVariables.flatMap((name) => {
    const value = world.host.variable(name);
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    CI: 'true',
    LIFTLOCK_PROJECT: project.name,
    LIFTLOCK_COMMIT: build.commit,
    LIFTLOCK_BUILD_NUMBER: String(build.number),
    ...Object.fromEntries(allowed),
    ...pipeline.build.variables,
  };
}

async function conclude(
  world: World,
  tx: Transaction,
  { begun, outcome }: { begun: Begun; outcome: Made | (Outcome & { built: 'failed' | 'errored' }) },
): Promise<readonly EnvironmentId[]> {
  const build = await tx.builds.lock(begun.build.id);
  if (build === undefined || build.state !== 'running') return [];
  const now = world.clock.now();
  if (outcome.built !== 'yes') {
    await tx.builds.update({ ...build, state: outcome.built, reason: outcome.because, endedAt: now });
    await tx.events.append({
      kind: `build.${outcome.built}`,
      actor: actors.builder,
      at: now,
      project: build.project,
      data: { build: build.id, commit: build.commit, because: outcome.because },
    });
    return [];
  }
  const { release, artifact, evidence } = outcome;
  await tx.releases.insert(release, artifact.bytes);
  await tx.evidence.insert(evidence);
  await tx.builds.update({ ...build, state: 'built', release: release.id, endedAt: now });
  await tx.events.append({
    kind: 'release.created',
    actor: actors.builder,
    at: now,
    project: build.project,
    release: release.id,
    data: {
      build: build.id,
      commit: build.commit,
      number: release.number,
      artifact: artifact.digest,
      bytes: artifact.bytes,
      files: artifact.files,
    },
  });
  const environments = (await tx.environments.ofProject(build.project)).map(({ id }) => id);
  for (const environment of environments) await tx.environments.setDue(environment, now);
  return environments;
}

interface Made {
  readonly built: 'yes';
  readonly artifact: StoredArtifact;
  readonly release: Release;
  readonly evidence: Evidence;
}

/** The release, and the signed statement of how it was built. */
async function makeRelease(world: World, begun: Begun, outcome: Outcome & { built: 'yes' }): Promise<Made> {
  const { artifact, migrations } = outcome;
  const { build, project, pipeline } = begun;
  const release = toRelease(world, begun, { artifact: artifact.digest, migrations });
  const startedAt = build.startedAt ?? build.createdAt;
  const evidence = await attest(
    world,
    {
      release: release.id,
      artifact: artifact.digest,
      gitCommit: build.commit,
      environment: undefined,
      promotion: undefined,
      kind: 'build',
      name: 'build',
      verdict: 'PASS',
      summary: `built from ${build.commit.slice(0, 10)}: ${artifact.files} ${artifact.files === 1 ? 'file' : 'files'}, ${artifact.bytes} bytes`,
      details: undefined,
      milliseconds: between(startedAt, world.clock.now()),
      run: undefined,
    },
    {
      environment: undefined,
      build: { startedAt, project: project.name, build: build.id, commands: pipeline.build.commands },
    },
  );
  return { built: 'yes', artifact, release, evidence };
}

function toRelease(
  world: World,
  { build, pipeline }: Begun,
  made: { artifact: Digest; migrations: Release['content']['migrations'] },
): Release {
  const content: Release['content'] = {
    commit: build.commit,
    artifact: made.artifact,
    service: pipeline.service,
    migrations: made.migrations,
    title: build.title,
    author: build.author,
  };
  return {
    id: releaseId(build.project, content, world.sha256),
    project: build.project,
    number: build.number,
    content,
    createdAt: world.clock.now(),
  };
}

function workspaceKey(build: Build): string {
  return `build/${build.id}/${build.attempt}`;
}

/** What a signed version tag on a release would release. Nothing is made here: the person`s own git and key make the tag. */
import type { Digest } from '../../domain/base/digest.ts';
import { Failure } from '../../domain/base/failure.ts';
import type { ReleaseId } from '../../domain/base/id.ts';
import { sightings } from '../../domain/trigger/sighting.ts';
import { compareVersions, parseVersionTag } from '../../domain/trigger/version.ts';
import type { Project, StoredRelease, Transaction } from '../../ports/store.ts';
import { findProject, findRelease } from '../find.ts';
import { stagingOf } from './judge-events.ts';
import type { World } from '../world.ts';

const mostCommits = 100;

export interface SigningView {
  readonly project: { readonly id: string; readonly name: string };
  readonly release: {
    readonly id: ReleaseId;
    readonly number: number;
    readonly commit: string;
    readonly title: string;
    readonly artifact: Digest;
  };
  readonly version: string;
  /** The newest version released before. */
  readonly released: string | null;
  /** What production runs now. */
  readonly since: { readonly number: number; readonly commit: string } | null;
  readonly commits: readonly { readonly id: string; readonly subject: string; readonly author: string }[];
  readonly passed: readonly string[];
  readonly missing: readonly string[];
  readonly environments: readonly string[];
  /** What the tag should say. */
  readonly message: string;
}

/** @throws Failure `input/invalid` for a name that could start nothing. */
export async function signing(
  world: World,
  asked: { project: string | undefined; release: string; version: string },
): Promise<SigningView> {
  const known = await world.store.transaction((tx) => load(tx, asked));
  const { project, release, running } = known;
  const repository = { key: project.id, url: project.sourceUrl };
  const { commit, title, artifact } = release.content;
  const range = { ...(running === undefined ? {} : { from: running.content.commit }), to: commit, limit: mostCommits };
  const commits = (await world.source.log(repository, range)).map(({ id, subject, author }) => ({
    id,
    subject,
    author: author.name,
  }));
  return {
    project: { id: project.id, name: project.name },
    release: { id: release.id, number: release.number, commit, title, artifact },
    version: asked.version,
    released: known.released ?? null,
    since: running === undefined ? null : { number: running.number, commit: running.content.commit },
    commits,
    passed: known.staging.passed,
    missing: known.staging.missing,
    environments: known.environments,
    message: messageOf({ version: asked.version, project, release, commits }),
  };
}

async function load(tx: Transaction, asked: { project: string | undefined; release: string; version: string }) {
  const project = await findProject(tx, asked.project);
  const release = await findRelease(tx, project.id, asked.release);
  const version = parseVersionTag(asked.version);
  if (version === undefined)
    throw new Failure('input/invalid', `${asked.version} is not vMAJOR.MINOR.PATCH`, { hint: 'for example v1.4.0' });
  const ref = `refs/tags/${asked.version}`;
  const tips = await tx.refs.tips(project.id);
  if (tips.has(ref) || (await tx.refs.objects(project.id, ref)).length > 0)
    throw new Failure('input/invalid', `${asked.version} was used before, and a tag that moves starts nothing`, {
      hint: 'take a newer version',
    });
  const released = (await tx.judgements.releasedBefore(project.id, ref))
    .flatMap((name) => parseVersionTag(name) ?? [])
    .toSorted(compareVersions)
    .at(-1);
  const newest = released && `v${released.major}.${released.minor}.${released.patch}`;
  if (released !== undefined && compareVersions(released, version) >= 0)
    throw new Failure('input/invalid', `${asked.version} is not newer than ${newest}`, {
      hint: 'take a newer version',
    });
  const pipeline = (await tx.pipelines.current(project.id))?.pipeline;
  const seen = { ref, commit: release.content.commit };
  const environments = (pipeline?.environments ?? []).filter((spec) =>
    sightings(spec, pipeline?.mainBranch ?? '', seen).some(({ trigger }) => trigger === 'tag'),
  );
  return {
    project,
    release,
    released: newest,
    staging: await stagingOf(tx, { project: project.id }, release.id),
    running: await inProduction(tx, project),
    environments: environments.map(({ name }) => name),
  };
}

async function inProduction(tx: Transaction, project: Project): Promise<StoredRelease | undefined> {
  const environments = await tx.environments.ofProject(project.id);
  const production = environments.find(({ spec, retired }) => spec.kind === 'production' && !retired);
  const running = production?.deployment && (await tx.deployments.get(production.deployment));
  return running && tx.releases.get(running.release);
}

/** The trailers are signed along with the rest: they bind the tag to this project and to what was built. */
function messageOf(made: {
  version: string;
  project: Project;
  release: StoredRelease;
  commits: SigningView['commits'];
}): string {
  const { version, project, release, commits } = made;
  const lines = commits.map(({ subject }) => `- ${subject}`.slice(0, 200));
  const trailers = [`Project-Id: ${project.id}`, `Artifact: ${release.content.artifact}`];
  return [`${project.name} ${version}`, '', ...lines, ...(lines.length === 0 ? [] : ['']), ...trailers, ''].join('\n');
}

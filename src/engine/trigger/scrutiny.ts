/**
 * One look at what staging and production may rest on: how main continues, what each ref brought that was not there, and
 * every commit of main and every version tag that was not judged yet.
 */
import type { Instant } from '../../domain/base/time.ts';
import { matchesGlob } from '../../domain/base/glob.ts';
import type { Pipeline } from '../../domain/pipeline/pipeline.ts';
import { known, unknown, type Looked } from '../../domain/trigger/check.ts';
import type { MainCommit, Rewound } from '../../domain/trigger/main-commit.ts';
import { compareVersions, parseVersionTag } from '../../domain/trigger/version.ts';
import type { RefObject, RefTip, RepositoryRef } from '../../ports/source.ts';
import type { Project, SeenTip, Transaction } from '../../ports/store.ts';
import type { MainLine, RegistryState, StoredSigner } from '../../ports/trust.ts';
import { actors } from '../announce.ts';
import { attempt, inspectCommits, inspectTags, type Inspected, type Inspecting, type Line } from './inspect.ts';
import { mainRefOf } from './judge-events.ts';
import type { World } from '../world.ts';

/** More commits than this at once on main are not judged one by one: a maintainer acknowledges them as history. */
const longestLine = 1_000;
/** What is added beyond it is in no log, and so was seen nowhere. */
const mostAdded = 100_000;
/** Of the tags that were there at the first look, the newest versions. */
const mostFirstTags = 50;

/** What is known before the repository is asked. */
export interface Trusted {
  readonly line: MainLine | undefined;
  readonly registry: RegistryState;
  readonly signers: readonly StoredSigner[];
}

export async function loadTrusted(
  world: World,
  tx: Transaction,
  { project, pipeline }: { project: Project; pipeline: Pipeline },
): Promise<Trusted | undefined> {
  if (pipeline.trust.signatures === 'none') return undefined;
  return {
    line: await tx.mainLines.get(project.id, mainRefOf(pipeline)),
    registry: await tx.signers.stateFor(project.id, world.clock.now()),
    signers: await tx.signers.list(),
  };
}

/** A tag made anew on the same commit is another object. */
export function objectOf({ commit, tagObject }: RefTip): string {
  return tagObject ?? commit;
}

export interface Fetched {
  readonly project: Project;
  readonly pipeline: Pipeline;
  readonly trusted: Trusted;
  /** As they were at the last look. */
  readonly before: ReadonlyMap<string, SeenTip>;
  readonly tips: readonly RefTip[];
  readonly at: Instant;
}

/** What was found, to be recorded with the moves of the refs. */
export interface Scrutiny {
  /** Of main as it is now; absent while there is no main branch. */
  readonly line: MainLine | undefined;
  /** The part of main that judged commits may lie on, when it may be another one than before. */
  readonly onMain: readonly string[] | undefined;
  readonly added: readonly { readonly ref: string; readonly commits: readonly string[] }[];
  readonly inspected: readonly Inspected[];
  readonly withoutCommit: readonly RefObject[];
}

export async function scrutinise(world: World, fetched: Fetched): Promise<Scrutiny> {
  const { project, pipeline, trusted, at } = fetched;
  const repository: RepositoryRef = { key: project.id, url: project.sourceUrl };
  const looking: Looking = {
    ...fetched,
    repository,
    inspecting: { repository, keys: trusted.signers, at },
    mainRef: mainRefOf(pipeline),
    added: await whatWasAdded(world, repository, fetched),
  };
  const main = await lookAtMain(world, looking);
  const withoutCommit = await world.source.tagsWithoutCommit(repository);
  const tags = await inspectTags(world, looking.inspecting, [
    ...(await tagsToInspect(world, looking)),
    ...(await newWithoutCommit(world, project, withoutCommit)),
  ]);
  return {
    ...main,
    added: looking.added,
    inspected: [...main.inspected, ...tags],
    withoutCommit,
  };
}

/** Of version tags that lead to no commit: those that were not judged as this object. */
async function newWithoutCommit(world: World, project: Project, found: readonly RefObject[]) {
  const named = found.filter(({ ref }) => parseVersionTag(ref.slice('refs/tags/'.length)) !== undefined);
  const judged = await judgedOf(world, project, named);
  return named
    .filter(({ ref, object }) => !judged.has(`${ref} ${object}`))
    .map(({ ref, object }) => ({ ref, tagObject: object }));
}

function judgedOf(world: World, { id }: Project, objects: readonly RefObject[]): Promise<ReadonlySet<string>> {
  return world.store.transaction((tx) => tx.judgements.judged(id, objects));
}

export interface Looking extends Fetched {
  readonly repository: RepositoryRef;
  readonly inspecting: Inspecting;
  readonly mainRef: string;
  readonly added: Scrutiny['added'];
}

/** Main first, so that what main and another ref bring in one look is main's. Nothing at the first look: all of it was there. */
async function whatWasAdded(
  world: World,
  repository: RepositoryRef,
  { pipeline, before, tips }: Fetched,
): Promise<Scrutiny['added']> {
  if (before.size === 0) return [];
  const mainRef = mainRefOf(pipeline);
  const moved = tips.filter(({ ref, commit }) => before.get(ref)?.commit !== commit);
  const inOrder = [...moved.filter(({ ref }) => ref === mainRef), ...moved.filter(({ ref }) => ref !== mainRef)];
  const without = new Set([...before.values()].map(({ commit }) => commit));
  const added: { ref: string; commits: readonly string[] }[] = [];
  for (const { ref, commit } of inOrder) {
    if (without.has(commit)) continue;
    const { commits } = await world.source.added(repository, { to: commit, without: [...without], limit: mostAdded });
    added.push({ ref, commits });
    without.add(commit);
  }
  return added;
}

async function lookAtMain(world: World, looking: Looking): Promise<Pick<Scrutiny, 'line' | 'onMain' | 'inspected'>> {
  const { mainRef, tips, before, trusted, at } = looking;
  const tip = tips.find(({ ref }) => ref === mainRef)?.commit;
  const last = before.get(mainRef)?.commit;
  const { line } = trusted;
  if (tip === undefined) {
    const gone = line !== undefined && line.rewound === undefined && last !== undefined;
    const rewound: Rewound | undefined = gone ? { from: last, to: undefined, at } : line?.rewound;
    return { line: line && { ...line, rewound }, onMain: undefined, inspected: [] };
  }
  if (line === undefined) return firstLine(world, looking, tip);
  const goesOn = await isContinued(world, looking, { line, tip, last });
  const rewound =
    goesOn.known && goesOn.value ? line.rewound : (line.rewound ?? { from: last ?? line.verified, to: tip, at });
  const now: MainLine = { ...line, rewound };
  const commits = await commitsToInspect(world, looking, { line: now, tip });
  const given = await continued(world, looking, { line, tip });
  return {
    line: now,
    onMain: rewound === undefined ? undefined : await lineOf(world, looking, { line, tip }),
    inspected: await inspectCommits(world, looking.inspecting, { commits, line: given }),
  };
}

/** The first look: history up to here is taken as it is, and said to be taken so. */
async function firstLine(
  world: World,
  looking: Looking,
  tip: string,
): Promise<Pick<Scrutiny, 'line' | 'onMain' | 'inspected'>> {
  const { project, mainRef, at } = looking;
  const root = await world.source.firstCommit(looking.repository, tip);
  const baseline = { commit: tip, by: actors.source, at };
  const line: MainLine = { project: project.id, ref: mainRef, root, baseline, verified: tip, rewound: undefined };
  const given: Line = { ref: mainRef, fastForward: known(true), firstSeen: firstSeenOf(world, looking, line) };
  return {
    line,
    onMain: undefined,
    inspected: await inspectCommits(world, looking.inspecting, { commits: [tip], line: given }),
  };
}

/** Whether main only grew since we last looked, and still holds what was verified. */
async function isContinued(
  world: World,
  { repository }: Looking,
  { line, tip, last }: { line: MainLine; tip: string; last: string | undefined },
): Promise<Looked<boolean>> {
  if (last === tip && line.verified === tip) return known(true);
  return attempt(async () => {
    for (const earlier of new Set([last ?? line.verified, line.verified]))
      if (!(await world.source.isAncestor(repository, earlier, tip))) return false;
    return true;
  });
}

/** What is known of main for commits that are on it. */
export async function continued(
  world: World,
  looking: Looking,
  { line, tip }: { line: MainLine; tip: string },
): Promise<Line> {
  return {
    ref: looking.mainRef,
    fastForward: await attempt(() => world.source.isAncestor(looking.repository, line.verified, tip)),
    firstSeen: firstSeenOf(world, looking, line),
  };
}

/** New ones on the line from the last verified commit, oldest first. */
async function commitsToInspect(
  world: World,
  { repository, project, mainRef }: Looking,
  { line, tip }: { line: MainLine; tip: string },
): Promise<readonly string[]> {
  const commits = await newOnLine(world, repository, { from: line.verified, to: tip, limit: longestLine });
  const judged = await judgedOf(
    world,
    project,
    commits.map((object) => ({ ref: mainRef, object })),
  );
  return commits.filter((commit) => !judged.has(`${mainRef} ${commit}`));
}

/** Oldest first; the tip alone where it does not continue the line, or does so by too many. */
async function newOnLine(
  world: World,
  repository: RepositoryRef,
  range: { from: string; to: string; limit: number },
): Promise<readonly string[]> {
  if (range.from === range.to) return [range.to];
  const listed = await attempt(() => world.source.firstParents(repository, range));
  const whole = listed.known && listed.value.joins && listed.value.commits.length > 0;
  return whole ? listed.value.commits.toReversed() : [range.to];
}

/** First parents of main, far enough back for everything that may still start something. */
async function lineOf(
  world: World,
  { repository }: Looking,
  { line, tip }: { line: MainLine; tip: string },
): Promise<readonly string[]> {
  const listed = await attempt(() =>
    world.source.firstParents(repository, { from: line.root, to: tip, limit: longestLine }),
  );
  return listed.known ? listed.value.commits : [tip];
}

/** It was there at the first look and not on main, or came with more than our log takes at once. */
export const elsewhere = 'a ref other than main, before our log of it began';

/** Our log knows what came after the first look; what main held by then was there. Everything else was seen elsewhere or nowhere. */
function firstSeenOf(world: World, looking: Looking, line: MainLine): Line['firstSeen'] {
  const { repository, project, mainRef, added, at } = looking;
  const fresh = new Map(
    added.toReversed().flatMap(({ ref, commits }) => commits.map((commit) => [commit, ref] as const)),
  );
  return async (commit): Promise<MainCommit['firstSeen']> => {
    const stored = await world.store.transaction((tx) => tx.firstSeen.of(project.id, [commit]));
    const row = stored.get(commit);
    if (row !== undefined) return known(row);
    const ref = fresh.get(commit);
    if (ref !== undefined) return known({ ref, at });
    const there = await attempt(() => world.source.isAncestor(repository, commit, line.baseline.commit));
    if (there.known && there.value) return known({ ref: mainRef, at: undefined });
    return there.known ? known({ ref: elsewhere, at: undefined }) : unknown(there.because);
  };
}

async function tagsToInspect(world: World, looking: Looking): Promise<readonly RefTip[]> {
  const { tips, project, pipeline, before } = looking;
  const patterns = pipeline.environments.flatMap(({ triggers }) =>
    triggers.flatMap((trigger) => (trigger.on === 'tag' ? [trigger.pattern] : [])),
  );
  const tags = tips.filter(({ ref }) => {
    if (!ref.startsWith('refs/tags/')) return false;
    const name = ref.slice('refs/tags/'.length);
    return parseVersionTag(name) !== undefined || patterns.some((pattern) => matchesGlob(pattern, name));
  });
  const judged = await judgedOf(
    world,
    project,
    tags.map((tag) => ({ ref: tag.ref, object: objectOf(tag) })),
  );
  const wanted = tags.filter((tag) => {
    const news = before.get(tag.ref)?.object !== objectOf(tag);
    return !judged.has(`${tag.ref} ${objectOf(tag)}`) && (news || judged.size === 0);
  });
  return wanted.length <= mostFirstTags ? wanted : newestVersions(wanted);
}

function newestVersions(tags: readonly RefTip[]): readonly RefTip[] {
  const version = ({ ref }: RefTip) =>
    parseVersionTag(ref.slice('refs/tags/'.length)) ?? { major: -1, minor: 0, patch: 0 };
  return tags.toSorted((left, right) => compareVersions(version(left), version(right))).slice(-mostFirstTags);
}

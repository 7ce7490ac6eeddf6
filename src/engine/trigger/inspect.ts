/**
 * Finds out what can be known of commits and tags in our own copy, before anybody judges it. Nothing is written. What
 * cannot be found out stays unknown, and refuses.
 */
import { asFailure } from '../../domain/base/failure.ts';
import type { Digest } from '../../domain/base/digest.ts';
import type { Instant } from '../../domain/base/time.ts';
import { known, unknown, type Looked } from '../../domain/trigger/check.ts';
import type { MainCommit, Merged, Unreadable } from '../../domain/trigger/main-commit.ts';
import type { RegisteredKey, SignatureAnswer } from '../../domain/trigger/signature.ts';
import type { ObjectReading, SignedObject, TagObject } from '../../domain/trigger/signed-object.ts';
import type { TagContent } from '../../domain/trigger/version-tag.ts';
import type { RefTip, RepositoryRef } from '../../ports/source.ts';
import type { Found } from '../../ports/trust.ts';
import type { World } from '../world.ts';

export type Inspected = Found & {
  readonly ref: string;
  readonly object: string;
  readonly commit: string | undefined;
  readonly payload: Digest | undefined;
};

export interface Inspecting {
  readonly repository: RepositoryRef;
  readonly keys: readonly RegisteredKey[];
  readonly at: Instant;
}

/** What is known of the line that the commits continue. */
export interface Line {
  readonly ref: string;
  /** Whether the last verified commit is among the ancestors of all of them. */
  readonly fastForward: Looked<boolean>;
  readonly firstSeen: (commit: string) => Promise<MainCommit['firstSeen']>;
}

/** In the order given. */
export async function inspectCommits(
  world: World,
  inspecting: Inspecting,
  given: { commits: readonly string[]; line: Line },
): Promise<readonly Inspected[]> {
  const read = await readSigned(world, inspecting, given.commits);
  const inspected: Inspected[] = [];
  for (const { id, reading, signature } of read) {
    const found = await inspectCommit(world, inspecting, { id, reading, signature, line: given.line });
    inspected.push({
      class: 'staging',
      found,
      ref: given.line.ref,
      object: id,
      commit: id,
      payload: reading.readable ? world.sha256(reading.object.payload) : undefined,
    });
  }
  return inspected;
}

async function inspectCommit(
  world: World,
  { repository }: Inspecting,
  { id, reading, signature, line }: Read & { line: Line },
): Promise<MainCommit> {
  const root = await attempt(() => world.source.firstCommit(repository, id));
  const base = { ref: line.ref, commit: id, signature, root, fastForward: line.fastForward };
  const firstSeen = await line.firstSeen(id);
  if (!reading.readable || reading.object.kind !== 'commit')
    return { ...base, firstSeen, tree: '', parents: [], merge: undefined, unreadable: whyUnreadable(reading) };
  const { tree, parents } = reading.object;
  return { ...base, firstSeen, tree, parents, merge: await mergeOf(world, repository, parents) };
}

function whyUnreadable(reading: ObjectReading): Unreadable {
  if (reading.readable) return { code: 'OBJECT_OTHER_TYPE', because: `it is a ${reading.object.kind}` };
  const { code, because } = reading;
  return code === 'TAG_TARGET_NOT_COMMIT' ? { code: 'OBJECT_OTHER_TYPE', because } : { code, because };
}

async function mergeOf(
  world: World,
  repository: RepositoryRef,
  parents: readonly string[],
): Promise<Looked<Merged> | undefined> {
  const [ours, theirs, ...more] = parents;
  if (ours === undefined || theirs === undefined) return undefined;
  if (more.length > 0) return known({ clean: false, because: 'it merges more than one branch at once' });
  return attempt(async () => {
    const answer = await world.source.merge(repository, [ours, theirs]);
    return answer.merged ? { clean: true, tree: answer.tree } : { clean: false, because: answer.because };
  });
}

/** A tag that leads to no commit is looked at as well, so that it can be said why it starts nothing. */
export type TagTip = Omit<RefTip, 'commit'> & { readonly commit?: string };

export async function inspectTags(
  world: World,
  inspecting: Inspecting,
  tags: readonly TagTip[],
): Promise<readonly Inspected[]> {
  const annotated = tags.flatMap(({ tagObject }) => tagObject ?? []);
  const read = new Map((await readSigned(world, inspecting, annotated)).map((one) => [one.id, one]));
  return tags.map(({ ref, commit, tagObject }): Inspected => {
    const one = tagObject === undefined ? undefined : read.get(tagObject);
    const content = contentOf(one);
    const object = tagObject ?? commit ?? '';
    return {
      class: 'production',
      found: { ref, object, content },
      ref,
      object,
      commit: content.is === 'annotated' ? content.commit : commit,
      payload: one?.reading.readable === true ? world.sha256(one.reading.object.payload) : undefined,
    };
  });
}

function contentOf(one: Read | undefined): TagContent {
  if (one === undefined) return { is: 'lightweight' };
  const { reading, signature } = one;
  if (!reading.readable) return { is: 'unreadable', code: reading.code, because: reading.because };
  if (reading.object.kind !== 'tag') return { is: 'lightweight' };
  return {
    is: 'annotated',
    commit: reading.object.commit,
    name: reading.object.name,
    signature,
    trailers: trailersOf(reading.object),
  };
}

/** Read from the last paragraph only, as Git does. */
function trailersOf({ message }: TagObject): { projectId: readonly string[]; artifact: readonly string[] } {
  const last =
    message
      .trimEnd()
      .split(/\n\s*\n/)
      .at(-1) ?? '';
  const values = (name: string) =>
    last.split('\n').flatMap((line) => {
      const [, key, value] = /^([A-Za-z][A-Za-z0-9-]*):\s*(.*)$/.exec(line) ?? [];
      return key?.toLowerCase() === name && value !== undefined ? [value.trim()] : [];
    });
  return { projectId: values('project-id'), artifact: values('artifact') };
}

interface Read {
  readonly id: string;
  readonly reading: ObjectReading;
  readonly signature: Looked<SignatureAnswer>;
}

async function readSigned(
  world: World,
  { repository, keys, at }: Inspecting,
  ids: readonly string[],
): Promise<readonly Read[]> {
  if (ids.length === 0) return [];
  const readings = await world.source.objects(repository, ids);
  const objects = readings.flatMap((reading): SignedObject[] => (reading.readable ? [reading.object] : []));
  const answers = await attempt(() => world.signatures.verify(objects, { keys, at }));
  let next = 0;
  return ids.map((id, index) => {
    const reading = readings[index]!;
    if (!reading.readable) return { id, reading, signature: unknown(reading.because) };
    if (!answers.known) return { id, reading, signature: answers };
    const answer = answers.value[next++];
    return { id, reading, signature: answer === undefined ? unknown('nobody answered') : known(answer) };
  });
}

/** Whatever goes wrong is an answer that nobody knows; only a database that is away ends the look. */
export async function attempt<T>(look: () => Promise<T>): Promise<Looked<T>> {
  try {
    return known(await look());
  } catch (thrown) {
    const failure = asFailure(thrown);
    if (failure.code === 'database/unreachable') throw failure;
    return unknown(failure.message);
  }
}

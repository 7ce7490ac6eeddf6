/** `SignedHistory` over one bare repository: objects in one reading, merges beside it, first parents. */
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Failure } from '../../domain/base/failure.ts';
import type { ObjectReading, ObjectRefusal } from '../../domain/trigger/signed-object.ts';
import type { FirstParents, MergeAnswer } from '../../ports/source.ts';
import type { Git } from './git-environment.ts';
import { readFailure } from './git-failure.ts';
import { checkObjects, type ObjectFacts } from './object-facts.ts';
import { readObjects, wholeContent } from './object-stream.ts';
import { runGit, streamGit } from './run-git.ts';
import { readSignedCommit } from './signed-commit.ts';
import { readSignedTag, type StoredTag } from './signed-tag.ts';
import { ObjectRefused } from './stored-headers.ts';

/** Far above what people write; Linux's largest commit, with dozens of merged tags in it, is a tenth of this. */
const objectLimitBytes = 1024 * 1024;
/** For all objects of one call together. */
const callLimitBytes = 256 * 1024 * 1024;

/**
 * Types and sizes are asked first, so that nothing large is ever read; then all objects come over one
 * `cat-file --batch`, and each is hashed again.
 */
export async function readSignedObjects(
  git: Git,
  copy: string,
  ids: readonly string[],
): Promise<readonly ObjectReading[]> {
  const facts = await factsOf(git, copy, ids);
  const found = new Map<string, ObjectReading | StoredTag>();
  let total = 0;
  const wanted = [...new Set(ids)].filter((id) => {
    const known = facts.get(id);
    total += known === undefined || known.size > objectLimitBytes ? 0 : known.size;
    const refusal = whyNotRead(known, total);
    if (refusal !== undefined) found.set(id, { readable: false, id, ...refusal });
    return refusal === undefined;
  });
  await readAll(git, { copy, ids: wanted, found });
  await judgeTargets(git, copy, found);
  return ids.map((id) => found.get(id) as ObjectReading);
}

async function factsOf(git: Git, copy: string, ids: readonly string[]): Promise<ReadonlyMap<string, ObjectFacts>> {
  const there = await stat(join(copy, 'HEAD')).catch(() => undefined);
  const full = ids.filter((id) => /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(id));
  return there === undefined ? new Map() : checkObjects(git, copy, [...new Set(full)]);
}

function whyNotRead(
  facts: ObjectFacts | undefined,
  total: number,
): { code: ObjectRefusal; because: string } | undefined {
  if (facts === undefined) return { code: 'OBJECT_MISSING', because: 'our copy of the repository does not have it' };
  if (facts.type !== 'commit' && facts.type !== 'tag')
    return { code: 'OBJECT_OTHER_TYPE', because: `it is a ${facts.type}, neither a commit nor a tag` };
  if (facts.size > objectLimitBytes)
    return { code: 'OBJECT_TOO_LARGE', because: `it has ${facts.size} bytes, more than ${objectLimitBytes}` };
  if (total > callLimitBytes)
    return { code: 'OBJECT_TOO_LARGE', because: `it and the objects before it have more than ${callLimitBytes} bytes` };
  return undefined;
}

async function readAll(
  git: Git,
  { copy, ids, found }: { copy: string; ids: readonly string[]; found: Map<string, ObjectReading | StoredTag> },
): Promise<void> {
  if (ids.length === 0) return;
  const request = { repository: copy, ids, limitBytes: callLimitBytes * 2 };
  const read = await readObjects(git, request, async (object, id) => {
    if (object === undefined) throw new Failure('source/invalid', `object ${id} vanished from our copy`);
    const content = await wholeContent(object);
    found.set(id, readOne(id, object.type, content));
  });
  if (read.value === undefined) throw readFailure('reading commits and tags', read, git.timeoutMs);
}

function readOne(id: string, type: string, content: Buffer): ObjectReading | StoredTag {
  try {
    if (type === 'tag') return readSignedTag(id, content);
    return { readable: true, object: readSignedCommit(id, content) };
  } catch (error) {
    if (!(error instanceof ObjectRefused)) throw error;
    return { readable: false, id, code: error.code, because: error.message };
  }
}

/** A tag's header names a type; only the object itself decides. */
async function judgeTargets(git: Git, copy: string, found: Map<string, ObjectReading | StoredTag>): Promise<void> {
  const tags = [...found].filter((entry): entry is [string, StoredTag] => 'tag' in entry[1]);
  if (tags.length === 0) return;
  const facts = await checkObjects(git, copy, [...new Set(tags.map(([, { tag }]) => tag.commit))]);
  for (const [id, { tag, targetType }] of tags) {
    const refusal = whyNotTarget(targetType, facts.get(tag.commit));
    found.set(id, refusal === undefined ? { readable: true, object: tag } : { readable: false, id, ...refusal });
  }
}

function whyNotTarget(
  named: string,
  facts: ObjectFacts | undefined,
): { code: ObjectRefusal; because: string } | undefined {
  if (facts === undefined)
    return { code: 'TAG_TARGET_MISSING', because: 'our copy does not have the object that it names' };
  if (facts.type !== named)
    return {
      code: 'TAG_TARGET_DISAGREES',
      because: `it says that it is of a ${JSON.stringify(named.slice(0, 40))}, but the object it names is a ${facts.type}`,
    };
  if (named !== 'commit') return { code: 'TAG_TARGET_NOT_COMMIT', because: `it is of a ${named}, not of a commit` };
  return undefined;
}

/** New objects go to a directory that is removed again, so that looking leaves no trace. Needs Git 2.38. */
export async function mergeCommits(
  git: Git,
  copy: string,
  parents: readonly [ours: string, theirs: string],
): Promise<MergeAnswer> {
  const objects = await mkdtemp(join(tmpdir(), 'liftlock-merge-'));
  try {
    return await mergeInto(git, { copy, parents, objects });
  } finally {
    await rm(objects, { recursive: true, force: true });
  }
}

/** Ends with 0 for a merge and 1 for conflicts; both print, and only the first is a `value`. */
async function mergeInto(
  git: Git,
  { copy, parents, objects }: { copy: string; parents: readonly [string, string]; objects: string },
): Promise<MergeAnswer> {
  const call = {
    repository: copy,
    arguments: ['merge-tree', '--write-tree', '-z', '--name-only', '--no-messages', '--end-of-options', ...parents],
    variables: {
      GIT_OBJECT_DIRECTORY: objects,
      GIT_ALTERNATE_OBJECT_DIRECTORIES: JSON.stringify(join(copy, 'objects')),
    },
  };
  let printed = '';
  const merged = await streamGit(git, call, async (output) => {
    for await (const chunk of output) printed += chunk.toString('latin1');
    return true;
  });
  const [tree = '', ...conflicts] = printed.split('\0');
  if (merged.value === true && tree.length === parents[0].length) return { merged: true, tree };
  if (merged.ended === 'exited' && merged.exitCode === 1) return { merged: false, because: conflictsIn(conflicts) };
  if (/unrelated histories/.test(merged.stderr))
    return { merged: false, because: 'the two commits have no history in common' };
  if (merged.ended === 'exited' && merged.exitCode === 129)
    throw new Failure('source/unreachable', 'this Git cannot merge without a work tree', {
      hint: 'Install Git 2.38 or newer.',
    });
  throw readFailure('merging two commits', merged, git.timeoutMs);
}

const shownConflicts = 5;

function conflictsIn(names: readonly string[]): string {
  const paths = names.filter((name) => name !== '').map((name) => Buffer.from(name, 'latin1').toString('utf8'));
  const more = paths.length > shownConflicts ? ` and ${paths.length - shownConflicts} more` : '';
  const shown = paths.slice(0, shownConflicts).map((path) => JSON.stringify(path));
  return `they conflict in ${shown.join(', ')}${more}`;
}

export async function listFirstParents(
  git: Git,
  copy: string,
  range: { readonly from: string; readonly to: string; readonly limit: number },
): Promise<FirstParents> {
  const listed = await runGit(git, {
    repository: copy,
    arguments: [
      'rev-list',
      '--first-parent',
      '--parents',
      `--max-count=${Math.max(1, Math.floor(range.limit))}`,
      '--end-of-options',
      range.to,
      `^${range.from}`,
    ],
  });
  if (listed.value === undefined) throw readFailure('listing first parents', listed, git.timeoutMs);
  const lines = listed.value.toString('latin1').split('\n').slice(0, -1);
  const commits = lines.map((line) => line.split(' '));
  const joins = commits.length === 0 ? range.from === range.to : commits.at(-1)?.[1] === range.from;
  return { commits: commits.map(([id]) => id ?? ''), joins };
}

/** Branches and tags of our own copy, with the commits they lead to. */
import { isUtf8 } from 'node:buffer';
import { Failure } from '../../domain/base/failure.ts';
import type { RefTip } from '../../ports/source.ts';
import type { Git } from './git-environment.ts';
import { readFailure } from './git-failure.ts';
import { runGit } from './run-git.ts';

interface StoredRef {
  readonly object: string;
  readonly type: string;
  readonly ref: string;
}

/** Sorted by name. A ref that leads to no commit (a tag of a file or of a tree) is left out, as is one whose name is not UTF-8. */
export async function readRefTips(git: Git, repository: string): Promise<readonly RefTip[]> {
  const stored = await readStoredRefs(git, repository);
  const tagObjects = stored.filter((ref) => ref.type === 'tag').map((ref) => ref.object);
  const commits = await peel(git, repository, [...new Set(tagObjects)]);
  return stored.flatMap(({ object, type, ref }): RefTip[] => {
    if (type === 'commit') return [{ ref, commit: object }];
    const commit = type === 'tag' ? commits.get(object) : undefined;
    return commit === undefined ? [] : [{ ref, commit, tagObject: object }];
  });
}

async function readStoredRefs(git: Git, repository: string): Promise<readonly StoredRef[]> {
  const format = '--format=%(objectname) %(objecttype) %(refname)';
  const listed = await runGit(git, { repository, arguments: ['for-each-ref', format, 'refs/heads', 'refs/tags'] });
  if (listed.value === undefined) throw readFailure('listing branches and tags', listed, git.timeoutMs);
  return linesOf(listed.value).flatMap((line): StoredRef[] => {
    const [, object, type, name] =
      /^([0-9a-f]{40}|[0-9a-f]{64}) (commit|tag|tree|blob) (refs\/(?:heads|tags)\/[!-~\x80-\xff]+)$/.exec(line) ?? [];
    if (object === undefined || type === undefined || name === undefined) throw unreadable(line);
    const bytes = Buffer.from(name, 'latin1');
    return isUtf8(bytes) ? [{ object, type, ref: bytes.toString('utf8') }] : [];
  });
}

/** Tags may point to tags: `^{}` follows them to the end. */
async function peel(git: Git, repository: string, tags: readonly string[]): Promise<ReadonlyMap<string, string>> {
  if (tags.length === 0) return new Map();
  const input = tags.map((tag) => `${tag}^{}\n`).join('');
  const peeled = await runGit(git, {
    repository,
    arguments: ['cat-file', '--batch-check=%(objectname) %(objecttype)'],
    input,
  });
  if (peeled.value === undefined) throw readFailure('reading tags', peeled, git.timeoutMs);
  const lines = linesOf(peeled.value);
  if (lines.length !== tags.length) throw unreadable(`${lines.length} answers for ${tags.length} tags`);
  const commits = new Map<string, string>();
  for (const [index, tag] of tags.entries()) {
    const commit = /^([0-9a-f]{40}|[0-9a-f]{64}) commit$/.exec(lines[index] ?? '')?.[1];
    if (commit !== undefined) commits.set(tag, commit);
  }
  return commits;
}

function linesOf(output: Buffer): readonly string[] {
  return output.toString('latin1').split('\n').slice(0, -1);
}

function unreadable(said: string): Failure {
  return new Failure('source/invalid', `git described a ref in an unknown way: ${JSON.stringify(said.slice(0, 200))}`);
}

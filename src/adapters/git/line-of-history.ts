/** Where a history begins, what a ref brought that was not there, and tags that lead to no commit. */
import { Failure } from '../../domain/base/failure.ts';
import type { Added, RefObject } from '../../ports/source.ts';
import type { Git } from './git-environment.ts';
import { readFailure } from './git-failure.ts';
import { runGit } from './run-git.ts';

/** Follows first parents to the end. */
export async function firstCommitOf(git: Git, copy: string, commit: string): Promise<string> {
  const listed = await runGit(git, {
    repository: copy,
    arguments: ['rev-list', '--first-parent', '--max-parents=0', '--max-count=1', '--end-of-options', commit],
  });
  if (listed.value === undefined) throw readFailure('looking for the first commit', listed, git.timeoutMs);
  const [id] = listed.value.toString('latin1').split('\n');
  if (id === undefined || !/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(id))
    throw new Failure('source/invalid', `the history of ${commit} has no beginning`);
  return id;
}

/** Commits that are excluded need not be there any more: what is missing excludes nothing. */
export async function listAdded(
  git: Git,
  copy: string,
  range: { readonly to: string; readonly without: readonly string[]; readonly limit: number },
): Promise<Added> {
  const listed = await runGit(git, {
    repository: copy,
    arguments: ['rev-list', '--ignore-missing', `--max-count=${range.limit + 1}`, '--stdin'],
    input: [range.to, ...range.without.map((id) => `^${id}`)].map((line) => `${line}\n`).join(''),
  });
  if (listed.value === undefined) throw readFailure('listing new commits', listed, git.timeoutMs);
  const commits = listed.value.toString('latin1').split('\n').slice(0, -1);
  return { commits: commits.slice(0, range.limit), complete: commits.length <= range.limit };
}

/** Tags of files, of trees, and of tags of those; a tag of a tag of a commit is not among them. */
export async function listTagsWithoutCommit(git: Git, copy: string): Promise<readonly RefObject[]> {
  const format = '--format=%(objectname) %(objecttype) %(*objecttype) %(refname)';
  const listed = await runGit(git, { repository: copy, arguments: ['for-each-ref', format, 'refs/tags'] });
  if (listed.value === undefined) throw readFailure('listing tags', listed, git.timeoutMs);
  const lines = listed.value.toString('utf8').split('\n').slice(0, -1);
  return lines.flatMap((line): RefObject[] => {
    const [, object, type, target, ref] = /^([0-9a-f]+) (\w+) (\w*) (refs\/tags\/.+)$/.exec(line) ?? [];
    if (object === undefined || ref === undefined) return [];
    const leads = type === 'tag' ? target === 'commit' || target === 'tag' : type === 'commit';
    return leads ? [] : [{ ref, object }];
  });
}

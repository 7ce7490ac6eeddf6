/** `Source` and `SignedHistory` over the Git program and one bare repository for each project. */
import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { asFailure, Failure } from '../../domain/base/failure.ts';
import type { CommitInfo, RefTip, RepositoryRef, SignedHistory, Source } from '../../ports/source.ts';
import { readCommit } from './commit-object.ts';
import { exportTree } from './export-tree.ts';
import { acquireFetchLock } from './fetch-lock.ts';
import { fetchFailure, readFailure } from './git-failure.ts';
import { type Git, type GitSettings, prepareGit } from './git-environment.ts';
import { firstCommitOf, listAdded, listTagsWithoutCommit } from './line-of-history.ts';
import { readObjects, wholeContent } from './object-stream.ts';
import {
  clearLeftovers,
  ensureOwnCopy,
  isIntact,
  joinPacks,
  type ObjectFormat,
  ownCopyPath,
  removeOwnCopy,
} from './own-copy.ts';
import { readRefTips } from './ref-tips.ts';
import { readRemoteUrl, type RemoteUrl } from './remote-url.ts';
import { type GitEnd, runGit } from './run-git.ts';
import { listFirstParents, mergeCommits, readSignedObjects } from './signed-history.ts';

/** Everything of the server: no `--mirror`, which would also bring replace refs and notes, and the whole history. */
const refspecs = ['+refs/heads/*:refs/heads/*', '+refs/tags/*:refs/tags/*'];
const commitLimitBytes = 64 * 1024 * 1024;

export function createGitSource(settings: GitSettings): Source & SignedHistory {
  const git = prepareOnce(settings);
  const copyOf = (repository: RepositoryRef) => ownCopyPath(settings.directory, repository.key);
  const turns = new Map<string, Promise<unknown>>();
  return {
    fetch: (repository) =>
      inTurn(turns, repository.key, async () => fetchInto(await git(), copyOf(repository), repository.url)),
    commit: async (repository, id) => {
      const [commit] = await readCommits(await git(), copyOf(repository), [id]);
      return commit as CommitInfo;
    },
    isAncestor: async (repository, ancestor, descendant) =>
      isAncestor(await git(), copyOf(repository), { ancestor, descendant }),
    log: async (repository, range) => readLog(await git(), copyOf(repository), range),
    export: async (repository, id, directory) => {
      const copy = copyOf(repository);
      const [commit] = await readCommits(await git(), copy, [id]);
      await exportTree(await git(), { repository: copy, tree: (commit as CommitInfo).tree, directory });
    },
    objects: async (repository, ids) => readSignedObjects(await git(), copyOf(repository), ids),
    merge: async (repository, parents) => {
      await readCommits(await git(), copyOf(repository), parents);
      return mergeCommits(await git(), copyOf(repository), parents);
    },
    firstParents: async (repository, range) => {
      await readCommits(await git(), copyOf(repository), [range.from, range.to]);
      return listFirstParents(await git(), copyOf(repository), range);
    },
    firstCommit: async (repository, commit) => {
      await readCommits(await git(), copyOf(repository), [commit]);
      return firstCommitOf(await git(), copyOf(repository), commit);
    },
    added: async (repository, range) => {
      await readCommits(await git(), copyOf(repository), [range.to]);
      for (const id of range.without) requireFullId(id);
      return listAdded(await git(), copyOf(repository), range);
    },
    tagsWithoutCommit: async (repository) => listTagsWithoutCommit(await git(), copyOf(repository)),
  };
}

/** A failed preparation (full disk, missing rights) is tried again at the next call. */
function prepareOnce(settings: GitSettings): () => Promise<Git> {
  let prepared: Promise<Git> | undefined;
  return () => {
    prepared ??= mkdir(settings.directory, { recursive: true })
      .then(() => prepareGit(settings))
      .catch((error: unknown) => {
        prepared = undefined;
        throw error;
      });
    return prepared;
  };
}

function inTurn<Value>(turns: Map<string, Promise<unknown>>, key: string, act: () => Promise<Value>): Promise<Value> {
  const before = turns.get(key) ?? Promise.resolve();
  const turn = before.then(act, act);
  turns.set(key, turn);
  const forget = () => turns.get(key) === turn && turns.delete(key);
  void turn.then(forget, forget);
  return turn;
}

async function fetchInto(git: Git, copy: string, url: string): Promise<readonly RefTip[]> {
  const remote = readRemoteUrl(url);
  await requireLocalPath(remote);
  const lock = await acquireFetchLock(copy.replace(/\.git$/, '.lock'), git.timeoutMs);
  if (lock === undefined) throw busy(remote, git.timeoutMs);
  try {
    const writer: Git = { ...git, onStart: lock.noteCommand };
    await clearLeftovers(copy);
    const tips = await fetchOrRepair(writer, copy, remote);
    await joinPacks(writer, copy);
    return tips;
  } finally {
    await lock.release();
  }
}

/** A refusal may be our copy's fault: a damaged copy is replaced, once, by a fresh one. */
async function fetchOrRepair(git: Git, copy: string, remote: RemoteUrl): Promise<readonly RefTip[]> {
  try {
    return await fetchOnce(git, copy, remote);
  } catch (error) {
    if (asFailure(error).code !== 'source/invalid' || (await isIntact(git, copy))) throw error;
    await removeOwnCopy(copy);
    return fetchOnce(git, copy, remote);
  }
}

async function fetchOnce(git: Git, copy: string, remote: RemoteUrl): Promise<readonly RefTip[]> {
  await ensureOwnCopy(git, copy);
  let fetched = await runFetch(git, copy, remote);
  const otherFormat = formatOfServer(fetched);
  if (otherFormat !== undefined && (await readRefTips(git, copy)).length === 0) {
    await removeOwnCopy(copy);
    await ensureOwnCopy(git, copy, otherFormat);
    fetched = await runFetch(git, copy, remote);
  }
  if (fetched.value === undefined) throw fetchFailure(remote, fetched, git.timeoutMs);
  return readRefTips(git, copy);
}

function runFetch(git: Git, copy: string, remote: RemoteUrl): Promise<GitEnd<Buffer>> {
  const switches = ['--quiet', '--prune', '--force', '--no-tags', '--no-recurse-submodules', '--no-write-fetch-head'];
  return runGit(git, {
    repository: copy,
    options: credentialOptions(remote),
    arguments: ['fetch', ...switches, '--end-of-options', 'liftlock', ...refspecs],
    variables: remoteVariables(remote),
  });
}

/** The address travels in the environment, where other users of the machine cannot read it. */
function remoteVariables(remote: RemoteUrl): Readonly<Record<string, string>> {
  const address = { GIT_CONFIG_COUNT: '1', GIT_CONFIG_KEY_0: 'remote.liftlock.url', GIT_CONFIG_VALUE_0: remote.url };
  if (remote.credentials === undefined) return address;
  const { username, password } = remote.credentials;
  return { ...address, LIFTLOCK_GIT_USERNAME: username, LIFTLOCK_GIT_PASSWORD: password };
}

/** Answers for the repository's own server only. The line is constant; the values come from its environment. */
function credentialOptions(remote: RemoteUrl): readonly string[] {
  if (remote.credentials === undefined) return [];
  const answer = `!printf 'username=%s\\npassword=%s\\n' "$LIFTLOCK_GIT_USERNAME" "$LIFTLOCK_GIT_PASSWORD"; :`;
  return ['-c', `credential.${remote.credentials.origin}.helper=${answer}`];
}

function formatOfServer(fetched: GitEnd<unknown>): ObjectFormat | undefined {
  return /mismatched algorithms: client \w+; server (sha1|sha256)/.exec(fetched.stderr)?.[1] as
    | ObjectFormat
    | undefined;
}

async function requireLocalPath(remote: RemoteUrl): Promise<void> {
  if (remote.localPath === undefined) return;
  const problem = await stat(remote.localPath).then(
    () => undefined,
    (error: NodeJS.ErrnoException) => error.code,
  );
  if (problem === undefined) return;
  const why = problem === 'ENOENT' ? 'there is nothing at that path' : `the path cannot be read (${problem})`;
  throw new Failure('source/unreachable', `could not fetch ${remote.shown}: ${why}`, {
    hint: 'Check the path and that the user Liftlock runs as may read it.',
  });
}

function busy(remote: RemoteUrl, waitedMs: number): Failure {
  return new Failure(
    'source/unreachable',
    `could not fetch ${remote.shown}: another process has been fetching it for ${waitedMs / 1000} s`,
    {
      hint: 'It tries again by itself; when no such process exists, the lock is taken over in a while.',
    },
  );
}

/** @throws Failure `source/unknown-commit` when one of them is not a full id of a commit that our copy has. */
async function readCommits(git: Git, copy: string, ids: readonly string[]): Promise<readonly CommitInfo[]> {
  for (const id of ids) requireFullId(id);
  await requireCopy(copy, ids[0] ?? '');
  const commits: CommitInfo[] = [];
  const read = await readObjects(git, { repository: copy, ids, limitBytes: commitLimitBytes }, async (object, id) => {
    if (object?.type !== 'commit') throw unknownCommit(id);
    commits.push(readCommit(id, await wholeContent(object)));
  });
  if (read.value === undefined) throw readFailure('reading commits', read, git.timeoutMs);
  return commits;
}

async function isAncestor(git: Git, copy: string, pair: { ancestor: string; descendant: string }): Promise<boolean> {
  const ids = [pair.ancestor, pair.descendant];
  await readCommits(git, copy, ids);
  const asked = await runGit(git, {
    repository: copy,
    arguments: ['merge-base', '--is-ancestor', '--end-of-options', ...ids],
  });
  if (asked.ended === 'exited' && (asked.exitCode === 0 || asked.exitCode === 1)) return asked.exitCode === 0;
  throw readFailure('comparing commits', asked, git.timeoutMs);
}

async function readLog(
  git: Git,
  copy: string,
  range: { from?: string; to: string; limit: number },
): Promise<readonly CommitInfo[]> {
  const ends = range.from === undefined ? [range.to] : [range.to, range.from];
  await readCommits(git, copy, ends);
  const limit = `--max-count=${Math.max(0, Math.floor(range.limit))}`;
  const without = range.from === undefined ? [] : [`^${range.from}`];
  const listed = await runGit(git, {
    repository: copy,
    arguments: ['rev-list', '--date-order', limit, '--end-of-options', range.to, ...without],
  });
  if (listed.value === undefined) throw readFailure('listing commits', listed, git.timeoutMs);
  const ids = listed.value.toString('latin1').split('\n').slice(0, -1);
  return ids.length === 0 ? [] : readCommits(git, copy, ids);
}

function requireFullId(id: string): void {
  if (!/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(id)) throw unknownCommit(id);
}

async function requireCopy(copy: string, id: string): Promise<void> {
  const there = await stat(join(copy, 'HEAD')).catch(() => undefined);
  if (there === undefined) throw unknownCommit(id);
}

function unknownCommit(id: string): Failure {
  return new Failure(
    'source/unknown-commit',
    `commit ${JSON.stringify(id.slice(0, 100))} is not in our copy of the repository`,
    {
      hint: 'Give the full id of a commit that was pushed, and fetch first.',
    },
  );
}

import type { ObjectReading } from '../domain/trigger/signed-object.ts';

/** A Git repository as Liftlock reads it: into a bare repository of its own that is never checked out. */
export interface Source {
  /**
   * Brings the repository's branches and tags into our own copy and answers their tips.
   * @throws Failure `source/unreachable` (may pass) or `source/invalid` (will not).
   */
  fetch(repository: RepositoryRef): Promise<readonly RefTip[]>;
  /** @throws Failure `source/unknown-commit`. */
  commit(repository: RepositoryRef, id: string): Promise<CommitInfo>;
  /** True when `ancestor` is reachable from `descendant`, or the same commit. */
  isAncestor(repository: RepositoryRef, ancestor: string, descendant: string): Promise<boolean>;
  /** Subjects of the commits in `to` that are not in `from`, newest first, at most `limit`. */
  log(repository: RepositoryRef, range: { from?: string; to: string; limit: number }): Promise<readonly CommitInfo[]>;
  /** Writes the commit's tree, and nothing else (no `.git`), into an empty or absent directory. */
  export(repository: RepositoryRef, commit: string, directory: string): Promise<void>;
}

/** The history in our own copy, read strictly enough to be judged. */
export interface SignedHistory {
  /**
   * Commits and tags with their exact signed bytes, in the order of the ids (full ones).
   * @throws Failure `source/invalid` when our copy cannot be read, or an object does not hold what its id says.
   */
  objects(repository: RepositoryRef, ids: readonly string[]): Promise<readonly ObjectReading[]>;
  /** The tree that Git's own merge of two commits gives; nothing is added to our copy. */
  merge(repository: RepositoryRef, parents: readonly [ours: string, theirs: string]): Promise<MergeAnswer>;
  /** First parents from `to` back to `from`, which is not among them. */
  firstParents(
    repository: RepositoryRef,
    range: { readonly from: string; readonly to: string; readonly limit: number },
  ): Promise<FirstParents>;
  /** Where the line of first parents of a commit begins. */
  firstCommit(repository: RepositoryRef, commit: string): Promise<string>;
  /** Commits reachable from `to` and from none of `without`, which need not all be there. */
  added(
    repository: RepositoryRef,
    range: { readonly to: string; readonly without: readonly string[]; readonly limit: number },
  ): Promise<Added>;
  /** Tags that lead to no commit, and so are not among the tips that `fetch` answers. */
  tagsWithoutCommit(repository: RepositoryRef): Promise<readonly RefObject[]>;
}

export interface Added {
  readonly commits: readonly string[];
  /** False when there are more than `limit`. */
  readonly complete: boolean;
}

export interface RefObject {
  readonly ref: string;
  readonly object: string;
}

export type MergeAnswer =
  | { readonly merged: true; readonly tree: string }
  | { readonly merged: false; readonly because: string };

export interface FirstParents {
  /** Newest first, at most `limit`. */
  readonly commits: readonly string[];
  /** True when the first parent of the last one is `from`, or `to` is `from`: the line from one to the other is whole. */
  readonly joins: boolean;
}

export interface RepositoryRef {
  /** Names our own copy; path-safe. */
  readonly key: string;
  /** Any Git URL, or an absolute local path. */
  readonly url: string;
}

export interface RefTip {
  /** Full name: `refs/heads/main`, `refs/tags/v1.2.0`. */
  readonly ref: string;
  /** The commit it leads to, tags peeled; 40 or 64 hexadecimal digits. */
  readonly commit: string;
  /** The tag object, when the tag is annotated. */
  readonly tagObject?: string;
}

export interface CommitInfo {
  readonly id: string;
  readonly tree: string;
  readonly parents: readonly string[];
  readonly author: { readonly name: string; readonly email: string };
  /** Author time in epoch milliseconds, as the commit claims it. */
  readonly authoredAt: number;
  readonly subject: string;
  /** Whole message, subject included. */
  readonly message: string;
}

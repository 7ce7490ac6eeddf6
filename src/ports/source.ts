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

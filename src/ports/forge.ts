/** A hosting platform as far as it knows who reviewed what. */
export interface Forge {
  /**
   * The standing word of each reviewer on the pull or merge requests that brought these commits to `branch`: given on the
   * reviewed head, not dismissed, not by an author of the request. A commit that no request brought has none.
   * @throws Failure `outgoing/failed`, `outgoing/refused` or `gate/unanswered`; nothing is then known.
   */
  reviews(forge: ForgeRef, asked: { commits: readonly string[]; branch: string }): Promise<readonly ForgeReview[]>;
}

export interface ForgeRef {
  readonly kind: 'github' | 'gitlab' | 'gitea';
  /** Base address of its API, without a slash at the end. */
  readonly api: string;
  /** `owner/name`. */
  readonly repository: string;
  readonly token: string;
}

export interface ForgeReview {
  readonly commit: string;
  /** Name at the forge. */
  readonly by: string;
  readonly decision: 'approve' | 'request-changes';
  /** Epoch milliseconds, as the forge says. */
  readonly at: number;
}

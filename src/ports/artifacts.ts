import type { Digest } from '../domain/base/digest.ts';

/** Where built things live, named by the SHA-256 of their content. */
export interface Artifacts {
  /**
   * Packs a directory so that the same files give the same digest (order, owners, times and modes
   * normalised; only the executable bit is kept) and stores it atomically. Symbolic links that leave the directory are
   * refused with `artifact/invalid`. `exclude` are globs over paths relative to the directory.
   */
  pack(directory: string, exclude: readonly string[]): Promise<StoredArtifact>;
  has(digest: Digest): Promise<boolean>;
  /**
   * A read-only directory holding the content, verified against its digest while unpacking; made once and shared, and made anew
   * when somebody has changed it since.
   * @throws Failure `artifact/corrupt` when the stored bytes do not hash to the digest, `artifact/missing` when there are none.
   */
  unpack(digest: Digest): Promise<string>;
  /** Removes stored content and unpacked directories that `keep` does not name. Answers how many bytes were freed. */
  collectGarbage(keep: ReadonlySet<Digest>): Promise<number>;
}

export interface StoredArtifact {
  readonly digest: Digest;
  /** Size of the content before compression. */
  readonly bytes: number;
  readonly files: number;
}

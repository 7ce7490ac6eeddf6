/** Private writable directories in which commands of the user's project run. */
export interface Workspaces {
  /** An empty directory for this key, emptied first when it is there already. */
  fresh(key: string): Promise<string>;
  /** The directory made before for this key, as it was left. @throws Failure `process/lost` when it is gone. */
  existing(key: string): Promise<string>;
  /** A writable copy of a directory; the copy made before for this key is kept. */
  copyOf(directory: string, key: string): Promise<string>;
  /** A path inside a workspace. @throws Failure `input/invalid` when it would lead outside. */
  inside(directory: string, relative: string): string;
  /** Relative paths of files under `folder`, sorted by name, with their digests; empty when there is no such folder. */
  files(directory: string, folder: string): Promise<readonly { readonly path: string; readonly sha256: string }[]>;
  remove(key: string): Promise<void>;
}

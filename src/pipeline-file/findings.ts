/** What can be seen of a repository from its files, as far as a first pipeline needs it. */

export interface Findings {
  /** Name of the package or of the directory; becomes a name that a pipeline may have. */
  readonly project: string;
  readonly mainBranch: string;
  readonly packages?: { readonly manager: PackageManager; readonly lockfile?: string };
  /** Shell lines. */
  readonly scripts: {
    readonly build?: string;
    readonly start?: string;
    readonly test?: string;
    readonly migrate?: string;
    /** Might start the service, but is not meant for it: a script for developers. */
    readonly startPerhaps?: string;
  };
  /** Variables that the build cannot do without, such as those that an .npmrc names. */
  readonly buildVariables?: readonly string[];
  /** True when the sources or the start script mention the variable PORT. */
  readonly mentionsPort?: boolean;
  /** Paths relative to the repository. */
  readonly dockerfile?: string;
  readonly compose?: string;
  readonly migrations?: string;
  readonly testReport?: string;
  /** A path of the service that looks as if it answered when the service is well. */
  readonly healthPath?: string;
  readonly needsDatabase: boolean;
  /** True when the newest commit of main carries a signature, by whomever. */
  readonly signed?: boolean;
  /** True when one person wrote every commit that was looked at, or nobody has written one yet. */
  readonly soleAuthor?: boolean;
}

export const packageManagers = ['npm', 'pnpm', 'yarn', 'bun'] as const;
export type PackageManager = (typeof packageManagers)[number];

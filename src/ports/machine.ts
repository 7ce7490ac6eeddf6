/** The machine of this process, as one looks at it to see whether it has what is needed. */
export interface Machine {
  look(): Promise<MachineFacts>;
}

export interface MachineFacts {
  readonly node: string;
  /** What `git --version` prints; `undefined` when there is none. */
  readonly git: string | undefined;
  /** On the disk of the home. */
  readonly freeBytes: number;
  readonly home: string;
  /** Others than its owner can look into the home. */
  readonly isHomeOpen: boolean;
  readonly isRoot: boolean;
  /** Services that run as processes can be held to memory, processors and processes. */
  readonly canLimit: boolean;
  /** The database lies in the home. */
  readonly isEmbedded: boolean;
}

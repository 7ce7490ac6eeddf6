/** Values that must never be seen: read when a command starts, never stored, logged or shown. */
export interface Secrets {
  /** The value for this environment, else the one for all of the project's, else `undefined`. */
  read(scope: { project: string; environment: string }, name: string): Promise<string | undefined>;
}

/** What one instance of a service may take of its machine; what is absent is not limited. */
export interface ResourceSpec {
  /** Bytes, swap included: an instance that needs more is ended. */
  readonly memory?: number;
  /** Cores; an instance that wants more is slowed down. */
  readonly cpu?: number;
  /** Threads count, too. */
  readonly processes?: number;
  /** Of each process. */
  readonly openFiles?: number;
}

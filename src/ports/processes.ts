import type { Instant } from '../domain/base/time.ts';
import type { ResourceSpec } from '../domain/pipeline/resource-spec.ts';

/**
 * Commands that outlive us: each runs detached under a small keeper process, is named by a key for
 * ever, and can be found again after the control plane was killed. Asking twice for the same key
 * adopts what is there; nothing is ever started twice.
 */
export interface Processes {
  /**
   * Starts the command of `spec.key`, or adopts it when that key was ever started before
   * (running, ended or lost alike): the answer then describes what is there.
   * Safe when two callers ask at once. @throws Failure `process/refused` when the machine cannot start it.
   */
  start(spec: CommandSpec): Promise<RunState>;
  inspect(key: string): Promise<RunState>;
  /** Resolves when the run is no longer running, or when `signal` aborts (with the state of that moment). */
  wait(key: string, signal?: AbortSignal): Promise<RunState>;
  /** SIGTERM to the whole process group, SIGKILL after `graceMs`; resolves when nothing of it is left. Idempotent. */
  stop(key: string, graceMs: number): Promise<RunState>;
  /** Output so far (stdout and stderr in the order written, rotated pieces included), the last `bytes` of it. */
  tail(key: string, bytes: number): Promise<string>;
  /** CPU time and resident memory of the whole group; `undefined` when it does not run or the platform cannot say. */
  usage(key: string): Promise<Usage | undefined>;
  /** Every run whose key starts with `prefix`. */
  list(prefix: string): Promise<readonly { readonly key: string; readonly state: RunState }[]>;
  /**
   * Removes what is stored of an ended run, its logs included, but for how it ended: it is listed no more, and whoever asks
   * for its key is still told, for two months at least, instead of starting it anew. Refuses a running one with `process/refused`.
   */
  forget(key: string): Promise<void>;
}

export interface CommandSpec {
  /** Texts that are taken out of its output before that is on disk; see `hiddenForms`. */
  readonly hide?: readonly string[];
  /** Letters, digits, `_`, `-`, `.` and `/` between parts, e.g. `deploy/prm_01…/migrate`. */
  readonly key: string;
  /** A line for `/bin/sh -c`. */
  readonly command: string;
  readonly directory: string;
  /** The whole environment; nothing is inherited. */
  readonly environment: Readonly<Record<string, string>>;
  readonly lifetime: TaskLifetime | ServiceLifetime;
  /** Kept with the run and told by `inspect`: what whoever starts it must know to find it again. No secrets. */
  readonly note?: string;
  /** Absent: it may take what the machine has. What the machine cannot limit is told in a line of its output. */
  readonly resources?: ResourceSpec;
}

/** Runs to an end. Killed (whole group) at the time or output limit, by the keeper itself, whether or not we live. */
export interface TaskLifetime {
  readonly kind: 'task';
  readonly timeoutMs: number;
  readonly outputLimitBytes: number;
}

/** Runs until stopped. The keeper rotates its log without losing lines and restarts it with growing pauses when it dies. */
export interface ServiceLifetime {
  readonly kind: 'service';
  readonly logFileBytes: number;
  readonly logFiles: number;
  /** First pause before a restart; doubles up to `restartMaxMs`, and is forgotten after a minute of steady running. */
  readonly restartMinMs: number;
  readonly restartMaxMs: number;
}

export type RunState =
  | { readonly state: 'absent' }
  | {
      readonly state: 'running';
      readonly startedAt: Instant;
      readonly pid: number;
      /** How often a service was restarted by its keeper since it was started. */
      readonly restarts: number;
      /** How often a service ended by itself in the last ten minutes; absent where nobody counts. */
      readonly recentDeaths?: number;
      /** When it was started again by itself, or a little before: nobody has waited since until it was ready. */
      readonly begunAgainAt?: Instant;
      /** True while a service that died waits for its next restart. */
      readonly down: boolean;
      /** Why it ended by itself the last time, where that is known: it needed more memory than it may have. */
      readonly lastDeath?: 'memory';
      /** As given by whoever started it first. */
      readonly note?: string;
    }
  | {
      readonly state: 'exited';
      readonly startedAt: Instant;
      readonly endedAt: Instant;
      readonly exitCode: number | null;
      readonly signal: string | null;
      readonly cause: 'exited' | 'timeout' | 'output-limit' | 'stopped' | 'not-started';
    }
  /** It was started and is gone without a word: machine restarted, or keeper and command killed together. */
  | { readonly state: 'lost'; readonly startedAt: Instant; readonly reason: string };

export interface Usage {
  readonly cpuMs: number;
  readonly residentBytes: number;
  readonly processes: number;
}

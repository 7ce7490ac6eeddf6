import type { DeploymentId, EnvironmentId } from '../../../domain/base/id.ts';
import type { RunState, Usage } from '../../../ports/processes.ts';
import type { Deployment } from '../../../ports/target.ts';
import type { Instance } from '../../../ports/traffic.ts';

/** Where instances of a release run, one by one: as processes of this machine, in containers. What they are to each other is decided elsewhere. */
export interface Runner {
  /** Asked before anything is ended. @throws Failure `target/unsupported` when the release does not say how it starts. */
  requireStartable(deployment: Deployment): void;
  /** Brings near what is started (unpacks, loads). @throws Failure when it cannot. */
  bring(deployment: Deployment): Promise<void>;
  /**
   * Starts an instance, or leaves alone what was ever started in this slot. Where `port` is given it listens there, otherwise
   * the runner picks an address, if the deployment has a port at all.
   */
  start(deployment: Deployment, slot: Slot, port?: number): Promise<void>;
  /** Names the run of a slot for ever. */
  keyOf(environment: EnvironmentId, slot: Slot): string;
  /** Also of a run that was forgotten. */
  inspect(key: string): Promise<RunState>;
  /** Every run there, ended ones included, until it is forgotten. */
  list(environment: EnvironmentId): Promise<readonly Run[]>;
  /** SIGTERM, and after `graceMs` SIGKILL; resolves when nothing is left of it. Idempotent. */
  stop(key: string, graceMs: number): Promise<void>;
  /** The last `bytes` of its output. */
  tail(key: string, bytes: number): Promise<string>;
  usage(key: string): Promise<Usage | undefined>;
  /** What the image's own health check says: `starting`, `healthy`, `unhealthy`; `undefined` without one. Absent where there are none. */
  ownHealth?(key: string): Promise<string | undefined>;
  /** Whether somebody listens at the address of an instance. */
  listens(address: Instance): Promise<boolean>;
  /** The same of one that serves, which is not touched by it: `undefined` when that cannot be told. Absent where it never can. */
  stillListens?(address: Instance): Promise<boolean | undefined>;
  /** Removes what is kept of an ended run; its slot stays used. */
  forget(key: string): Promise<void>;
}

/** What is started at most once. */
export interface Slot {
  readonly deployment: DeploymentId;
  /** From 1 to as many as the environment wants. */
  readonly instance: number;
  /** How often the instance was started anew in the same deployment, after it was lost: 0 the first time. */
  readonly attempt: number;
}

export interface Run extends Slot {
  readonly key: string;
  readonly state: RunState;
  /** Its own; the one of the environment may lead elsewhere. Absent once it has ended, and where it listens nowhere. */
  readonly address: Instance | undefined;
}

export function urlOf({ address }: Pick<Run, 'address'>): string | undefined {
  return address && `http://${address.host.includes(':') ? `[${address.host}]` : address.host}:${address.port}`;
}

export function isAt({ address }: Run, { host, port }: Instance): boolean {
  return host === address?.host && port === address.port;
}

export function isUp({ state }: { readonly state: RunState }): boolean {
  return state.state === 'running' && !state.down;
}

import type { DeploymentId, EnvironmentId, ProjectId, PromotionId, ReleaseId } from '../domain/base/id.ts';
import type { Digest } from '../domain/base/digest.ts';
import type { EnvironmentKind, TargetSpec } from '../domain/pipeline/environment.ts';
import type { ServiceSpec } from '../domain/pipeline/pipeline.ts';
import type { ResourceSpec } from '../domain/pipeline/resource-spec.ts';
import type { RouteClass } from '../domain/pipeline/route-classes.ts';
import type { UserSpec } from '../domain/pipeline/rollout-spec.ts';
import type { TrafficLimits } from '../domain/pipeline/traffic-limits.ts';
import type { TrafficKind } from '../domain/pipeline/traffic-spec.ts';
import type { Answer } from '../domain/observation/ailing.ts';
import type { ReplaceLimits, Sizes } from '../domain/rollout/replacing.ts';
import type { Reading, TrafficShare } from '../domain/rollout/rollout.ts';
import type { RunState, Usage } from './processes.ts';

/** A place where releases run. Every verb may be repeated after a crash: the deployment's id says whether it is the same wish. */
export interface Target {
  /** Brings the release near (unpacks, pulls) without changing what users see. @throws Failure when it cannot. */
  prepare(deployment: Deployment): Promise<void>;
  /**
   * Makes this deployment the one that serves and waits until it is ready or its deadline has passed.
   * Whatever ran before in the environment is replaced. The same deployment id never starts twice.
   * When `signal` aborts it stops waiting and answers `stopped`; what it started is left for the next deployment to replace.
   * Where it stands beside nothing, `mayBegin` is asked before the first thing of it that users may notice, and once that is done not again.
   */
  deploy(deployment: Deployment, signal: AbortSignal, mayBegin?: () => Promise<boolean>): Promise<DeployAnswer>;
  /** What really runs there, compared with what should. */
  inspect(deployment: Deployment): Promise<Observed>;
  /**
   * Ends what this deployment replaced and what is left of failed attempts, once nothing is under way there or its time to drain is
   * over. Answers whether something is still draining. Idempotent; only when this deployment is what serves and nothing else deploys.
   */
  retire(deployment: Deployment): Promise<'draining' | 'done'>;
  /**
   * Starts again what is lost of a deployment that serves with fewer instances than wanted; absent for targets without instances.
   * The same rules as for `deploy`, but for that nothing else is ended. Answers why when it came to nothing.
   */
  mend?(deployment: Deployment, signal: AbortSignal): Promise<string | undefined>;
  /**
   * How the instances that are up answer their health check, one by one. Left out: those that were just started again by themselves
   * and may still be coming up, and those of which nobody can tell.
   */
  ask?(deployment: Deployment): Promise<readonly Answer[]>;
  /**
   * Ends an instance that is not well and starts it anew in the same deployment. What is under way there may end first if it
   * `answers` at all. Answers why when it did not become ready.
   */
  renew?(
    deployment: Deployment,
    patient: { readonly instance: number; readonly answers: boolean },
    signal: AbortSignal,
  ): Promise<string | undefined>;
  /** How this deployment can stand beside the one before it; absent, also for targets that never can. */
  beside?(deployment: Deployment): Beside | undefined;
  /** Ends whatever runs in the environment. Idempotent. */
  stop(environment: EnvironmentId, graceMs: number): Promise<void>;
  /** What the instances of these deployments wrote; absent where it is kept with the commands of this machine. */
  output?(environment: EnvironmentId, deployments: readonly DeploymentId[], bytes: number): Promise<readonly Output[]>;
  /** Removes what it keeps of releases beside their artifacts, but for what runs and for `keep`. Answers how many bytes were freed. */
  collectGarbage?(keep: ReadonlySet<Digest>): Promise<number>;
}

export interface Output {
  readonly run: string;
  readonly instance: number;
  readonly state: RunState;
  readonly text: string;
}

export interface Deployment {
  readonly id: DeploymentId;
  readonly project: { readonly id: ProjectId; readonly name: string };
  readonly environment: { readonly id: EnvironmentId; readonly name: string; readonly kind: EnvironmentKind };
  readonly release: {
    readonly id: ReleaseId;
    readonly number: number;
    readonly commit: string;
    readonly artifact: Digest;
  };
  readonly promotion: PromotionId;
  readonly service: ServiceSpec;
  readonly target: TargetSpec;
  /** By whom requests are led to it; the edge when absent. */
  readonly traffic?: TrafficKind | undefined;
  /** What its requests are held to; what is usual when absent. */
  readonly limits?: TrafficLimits | undefined;
  /** Port at which the environment answers; absent for command targets. */
  readonly port: number | undefined;
  /** What each instance may take of the machine. */
  readonly resources?: ResourceSpec | undefined;
  /** How many instances of the service are to run. */
  readonly instances: number;
  /** What its requests are counted apart by. */
  readonly routes?: readonly RouteClass[];
  /** Earlier deployments of the same release in the same way: one that still runs may go on instead of being started again. */
  readonly continues: readonly DeploymentId[];
  /**
   * The service may not run twice: what runs there is ended before it starts, and requests wait for so many ms meanwhile.
   * Absent when it may.
   */
  readonly aloneHoldMs?: number;
  /** The whole environment of the service and of the deploy command, secrets resolved. Never stored or logged. */
  readonly variables: Readonly<Record<string, string>>;
  /** What of them must not be seen in any output; see `hiddenForms`. */
  readonly hide: readonly string[];
}

export type DeployAnswer =
  | { readonly deployed: 'ready'; readonly url: string | undefined; readonly milliseconds: number }
  /** It runs (or ran) and said no: it exited, or did not answer in time. */
  | {
      readonly deployed: 'not-ready';
      readonly because: string;
      readonly output: string;
      /** False: what ran before serves as before. */
      readonly replaced: boolean;
    }
  /** The deploy command failed or was lost: what runs now is unknown. */
  | { readonly deployed: 'unknown'; readonly because: string; readonly output: string }
  /** Nothing of it was started (its port is taken, the machine starts no process); what ran before may have been ended. */
  | { readonly deployed: 'not-started'; readonly because: string }
  /** `untouched`: before users could notice anything of it. */
  | { readonly deployed: 'stopped'; readonly untouched?: true };

export type Observed =
  | {
      readonly observed: 'running';
      readonly url: string | undefined;
      /** Of all its instances together, because they had ended. */
      readonly restarts: number;
      /** Fewer are up than wanted: it serves all the same. */
      readonly instances: InstanceCount;
      /** Others still run here that this deployment replaced. */
      readonly crowded: boolean;
      readonly usage: Usage | undefined;
      /** Which instances end by themselves again and again; absent when none does. */
      readonly looping?: string | undefined;
    }
  | { readonly observed: 'down'; readonly because: string; readonly looping?: string | undefined }
  /** The target cannot say what runs there. */
  | { readonly observed: 'unknown' };

export interface InstanceCount {
  readonly up: number;
  readonly wanted: number;
  /** Of those that are not up: nobody starts them again by himself. */
  readonly lost: number;
  /** Why fewer are up than wanted. */
  readonly because: string | undefined;
}

/** Two releases side by side in one environment, and the requests of users divided between them. */
export interface Beside {
  /** As `Target.deploy`, but no request of a user is led to it; its `url` is its own address. */
  start(deployment: Deployment, signal: AbortSignal): Promise<DeployAnswer>;
  /** Once it is ready, all requests go to it from the next one on. Repeating it changes nothing. @throws as `share`. */
  lead(deployment: Deployment): Promise<void>;
  /**
   * Divides the requests from the next one on. Repeating it changes nothing.
   * @throws Failure `traffic/unreachable`, `traffic/not-kept` (may pass), `traffic/refused`, or one that says who has the port:
   * `traffic/address-lost` (may pass) where users got through before, `target/failed` where they never did.
   */
  share(pair: Pair, wish: TrafficShare & { readonly users: UserSpec }): Promise<void>;
  /**
   * Starts and stops instances of both, a few at a time as agreed, until there are as many of each as wished; each that is ready gets
   * as many requests as any other, and each that leaves is drained first. May be repeated from wherever it was cut short.
   */
  resize(pair: Pair, wish: Sizes & { readonly limits: ReplaceLimits }, signal: AbortSignal): Promise<Resized>;
  /**
   * Starts again what is lost of both, in their own deployments, without leading a request anywhere: after a reboot. Answers why when
   * one of them did not come up.
   */
  revive(pair: Pair, signal: AbortSignal): Promise<string | undefined>;
  /** Ends what runs of a deployment that hangs, so that whoever starts it again does not go on with that. Idempotent. */
  end(deployment: Deployment): Promise<void>;
  /** What lives, and what was counted. @throws Failure `traffic/unreachable` (may pass). */
  look(pair: Pair): Promise<Sight>;
}

export type Resized =
  | { readonly resized: 'yes' }
  | { readonly resized: 'stopped' }
  /** An instance of this side could not be had; `byItself`: it was started and did not get ready, or died. */
  | {
      readonly resized: 'no';
      readonly side: keyof Sizes;
      readonly because: string;
      readonly byItself: boolean;
    };

export interface Pair {
  readonly fresh: Deployment;
  readonly stable: Deployment;
}

export interface Sight {
  /** `silent`: it lives, and its health check gets no answer. */
  readonly stable: 'serves' | 'silent' | 'down';
  readonly fresh:
    | { readonly is: 'serves'; readonly url: string }
    /** `byItself`: not by the machine or somebody, nor by what keeps the stable release from answering, too. */
    | { readonly is: 'down'; readonly because: string; readonly byItself: boolean };
  /** Absent while the requests are not divided. */
  readonly reading: Reading | undefined;
}

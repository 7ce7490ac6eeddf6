/** One place where the project runs, as the pipeline describes it (defaults filled in). */
import type { Duration } from '../base/time.ts';
import type { Schedule, Window } from '../base/calendar.ts';
import type { ReportSpec } from './report.ts';
import type { ProofGateSpec } from './gate-spec.ts';
import type { ResourceSpec } from './resource-spec.ts';
import type { RolloutSpec } from './rollout-spec.ts';
import type { TrafficLimits } from './traffic-limits.ts';
import type { TrafficKind } from './traffic-spec.ts';

export const environmentKinds = [
  'development',
  'testing',
  'qa',
  'ci',
  'staging',
  'production',
  'disaster-recovery',
] as const;
export type EnvironmentKind = (typeof environmentKinds)[number];

export const hostings = ['local', 'on-premises', 'cloud'] as const;
export type Hosting = (typeof hostings)[number];

export const queueModes = ['latest', 'queue', 'manual'] as const;
export type QueueMode = (typeof queueModes)[number];

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof logLevels)[number];

export interface EnvironmentSpec {
  readonly name: string;
  readonly kind: EnvironmentKind;
  readonly hosting: Hosting;
  /** R1: the environments in which a release must be verified first. `all` unless `any` is written. */
  readonly after: { readonly mode: 'all' | 'any'; readonly environments: readonly string[] };
  /** Any of these may start a promotion into this environment. */
  readonly triggers: readonly TriggerSpec[];
  readonly gates: readonly GateSpec[];
  /** R2: an environment that verifies nothing says so with `none`. */
  readonly verification: 'none' | VerificationSpec;
  readonly queue: QueueMode;
  /** Whether a failed verification rolls back by itself (R13). */
  readonly rollback: 'automatic' | 'manual';
  readonly target: TargetSpec;
  /** By whom requests are led to its releases; the edge when absent. */
  readonly traffic?: TrafficKind;
  /** What requests are held to on their way. */
  readonly limits?: TrafficLimits;
  /** How many instances of the service run side by side; one when absent. */
  readonly instances?: number;
  /** What each instance may take of the machine; whatever it has when absent. */
  readonly resources?: ResourceSpec;
  /** How a release takes over from the one before it. */
  readonly rollout: RolloutSpec;
  readonly database: DatabaseSpec;
  readonly settings: Settings;
  /** Variables of the service and of every command run for this environment. */
  readonly variables: Readonly<Record<string, VariableSpec>>;
}

export type TriggerSpec =
  /** A commit that is the tip of a branch matching one of these globs. */
  | { readonly on: 'commit'; readonly branches: readonly string[] }
  /** A commit that is the tip of the project's main branch. */
  | { readonly on: 'main' }
  /** A commit that a tag matching this glob names. */
  | { readonly on: 'tag'; readonly pattern: string }
  /** Success in the environments of `after`. */
  | { readonly on: 'success' }
  /** `grace`: how late a time that was missed is made up for. */
  | { readonly on: 'schedule'; readonly schedule: Schedule; readonly grace?: Duration }
  /** A person. Always allowed; written alone it means that nothing else is. */
  | { readonly on: 'manual' };

/** Roles whose holders may be asked to approve. The others watch, administer or are no people. */
export const approverRoles = ['qa', 'maintainer', 'release-manager', 'stakeholder'] as const;
export type ApproverRole = (typeof approverRoles)[number];

/** R22: `count` different people; `each` says how many of them stand there for a role, a person for one role only. */
export interface ApprovalSpec {
  readonly gate: 'approval';
  readonly count: number;
  /** Whose approval counts; absent: any role that may approve. */
  readonly roles?: readonly ApproverRole[];
  readonly each?: Readonly<Partial<Record<ApproverRole, number>>>;
  /** R23: how long people have from the moment they are asked; for ever when absent. */
  readonly timeout?: Duration;
  /** A token alone is not enough: the approver's passkey signs what he approves. */
  readonly passkey?: 'required';
}

export type GateSpec =
  | ApprovalSpec
  /** R4: continuous occupancy of the upstream environments after their verification. */
  | { readonly gate: 'soak'; readonly for: Duration }
  /** R4: the upstream success may not be older than this. */
  | { readonly gate: 'fresh'; readonly within: Duration }
  | { readonly gate: 'window'; readonly window: Window }
  | ProofGateSpec;

export interface VerificationSpec {
  readonly commands: readonly VerificationCommand[];
  /** How often a running release is verified again; never when absent. */
  readonly every?: Duration;
}

export interface VerificationCommand {
  readonly name: string;
  readonly run: string;
  /** A report that the command writes; without one the exit code decides. */
  readonly report?: ReportSpec;
  readonly timeout: Duration;
}

export type TargetSpec =
  /** Liftlock starts the service's own process on this machine. */
  | {
      readonly kind: 'process';
      /** A free one when absent; `none` for a service that listens at none. */
      readonly port?: number | 'none';
      /** Where people reach it; this machine only when absent. */
      readonly host?: string;
      /**
       * The service listens at the environment's port itself, so the old one is stopped before the new one starts. Otherwise
       * Liftlock's edge listens there, and both run side by side until the new one serves.
       */
      readonly direct?: true;
    }
  /** Liftlock runs the image of the release in containers of this machine's Docker engine. */
  | {
      readonly kind: 'docker';
      /** A free one when absent; `none` for a service that listens at none. */
      readonly port?: number | 'none';
      /** Where people reach it; this machine only when absent. */
      readonly host?: string;
      /** Where the service listens inside its container; it is told in $PORT. */
      readonly containerPort: number;
      /** A network of the engine that the containers join. `host`: none of their own; they listen on the machine at the port in $PORT. */
      readonly network: string;
    }
  /** Commands that deploy however they like; an empty `deploy` only records. */
  | {
      readonly kind: 'command';
      readonly deploy: string;
      readonly timeout: Duration;
      /** Where the environment answers afterwards, for health checks, verification and people. */
      readonly url?: string;
    };

/** Liftlock itself starts its services, on this machine. */
export function runsHere(target: TargetSpec): target is Exclude<TargetSpec, { kind: 'command' }> {
  return target.kind !== 'command';
}

export type DatabaseSpec =
  | { readonly kind: 'none' }
  /** A database of the environment's own on the server that Liftlock uses. */
  | { readonly kind: 'managed' }
  /** A connection URL kept as a secret. */
  | { readonly kind: 'external'; readonly secret: string };

export type VariableSpec = { readonly value: string } | { readonly secret: string };

/** What a kind of environment sets by default; handed to the service as variables. */
export interface Settings {
  readonly debug: boolean;
  readonly logLevel: LogLevel;
  readonly experimental: boolean;
}

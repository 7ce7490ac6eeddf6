import type { Sha256 } from '../domain/base/digest.ts';
import { makeId, type Id, type ReplicaId } from '../domain/base/id.ts';
import type { TargetSpec } from '../domain/pipeline/environment.ts';
import type { Artifacts } from '../ports/artifacts.ts';
import type { Attestations } from '../ports/attestations.ts';
import type { Clock } from '../ports/clock.ts';
import type { Contents } from '../ports/contents.ts';
import type { EnvironmentDatabases } from '../ports/databases.ts';
import type { Forge } from '../ports/forge.ts';
import type { Images } from '../ports/images.ts';
import type { Jobs } from '../ports/jobs.ts';
import type { Log } from '../ports/log.ts';
import type { Mail } from '../ports/mail.ts';
import type { Meters } from '../ports/meters.ts';
import type { Outgoing } from '../ports/outgoing.ts';
import type { Passkeys } from '../ports/passkeys.ts';
import type { Processes } from '../ports/processes.ts';
import type { Reports } from '../ports/reports.ts';
import type { Secrets } from '../ports/secrets.ts';
import type { Signatures } from '../ports/signatures.ts';
import type { SignedHistory, Source } from '../ports/source.ts';
import type { Store } from '../ports/store.ts';
import type { Target } from '../ports/target.ts';
import type { Webhooks } from '../ports/webhooks.ts';
import type { Workspaces } from '../ports/workspaces.ts';
import type { Leases } from './leases.ts';

/** Everything the engine touches. Assembled once, in `main.ts`; tests assemble their own. */
export interface World {
  readonly clock: Clock;
  readonly random: (bytes: number) => Uint8Array;
  readonly sha256: Sha256;
  readonly store: Store;
  readonly jobs: Pick<Jobs, 'kick'>;
  readonly source: Source & SignedHistory;
  readonly signatures: Signatures;
  readonly artifacts: Artifacts;
  readonly images: Images;
  readonly processes: Processes;
  readonly workspaces: Workspaces;
  readonly targets: Readonly<Record<TargetSpec['kind'], Target>>;
  readonly databases: EnvironmentDatabases;
  readonly secrets: Secrets;
  readonly reports: Reports;
  readonly contents: Contents;
  readonly attestations: Attestations;
  readonly log: Log;
  readonly outgoing: Outgoing;
  readonly meters: Meters;
  readonly mail: Mail;
  readonly forge: Forge;
  readonly webhooks: Webhooks;
  readonly passkeys: Passkeys;
  readonly leases: Leases;
  /** Who we are among the replicas; holder of our leases. */
  readonly replica: ReplicaId;
  readonly host: Host;
}

/** What commands of the user's project may know of this machine. */
export interface Host {
  /** PATH, HOME, LANG and the like: given to every command. */
  readonly variables: Readonly<Record<string, string>>;
  /** A variable of our own process, for names that a pipeline's `allowVariables` lists. */
  readonly variable: (name: string) => string | undefined;
  /** Makes, once, the directory that belongs to what is named so, and answers its path: `shop/staging`. */
  readonly dataDirectory: (name: string) => Promise<string>;
  /** Ports given to services of process targets. */
  readonly ports: ServicePorts;
}

export interface ServicePorts {
  readonly first: number;
  readonly last: number;
  /** The first one that is tried; `first` when absent. */
  readonly begin?: number;
  /** False when somebody else has it: control planes on one machine do not know each other's. */
  readonly isFree?: (port: number) => Promise<boolean>;
}

/** A fresh id of this kind. */
export function newId<Prefix extends string>(world: Pick<World, 'clock' | 'random'>, prefix: Prefix): Id<Prefix> {
  return makeId(prefix, world.clock.now(), world.random(10));
}

/** A project's way to production: its environments, the order between them, and how it is built and run. */
import type { Duration } from '../base/time.ts';
import type { EnvironmentSpec } from './environment.ts';
import type { SignatureMode } from './trust.ts';

export interface Pipeline {
  readonly project: string;
  /** Name of the branch that releases come from, without `refs/heads/`. */
  readonly mainBranch: string;
  /** How often the repository is looked at when nobody tells of a change. */
  readonly poll: Duration;
  /** The hosting platform whose reviews are asked for; none when absent. */
  readonly forge?: ForgeSpec;
  readonly build: BuildSpec;
  readonly service: ServiceSpec;
  readonly trust: TrustSpec;
  /** In promotion order: every environment stands behind those it is `after`. */
  readonly environments: readonly EnvironmentSpec[];
}

/** What is asked of people and keys. `none` is a choice that is shown wherever it matters. */
export interface TrustSpec {
  /** Whose signatures staging and production ask for. */
  readonly signatures: SignatureMode;
  /** The commit where the history of main begins; pinned at the first look when absent. */
  readonly root?: string;
  /** R22: two-person: nobody approves what he made or asked for. */
  readonly separation: 'two-person' | 'none';
  /** R25: whether two people together may pass named gates in an emergency. */
  readonly breakGlass: 'two-person' | 'none';
}

export const forgeKinds = ['github', 'gitlab', 'gitea'] as const;

export interface ForgeSpec {
  readonly kind: (typeof forgeKinds)[number];
  /** Base address of its API. */
  readonly api: string;
  /** `owner/name`. */
  readonly repository: string;
  /** Name of the secret that holds a token which may read. */
  readonly token: string;
}

export interface BuildSpec {
  /** Run one after another in a clean export of the commit; none means that the export is the artifact. */
  readonly commands: readonly string[];
  readonly timeout: Duration;
  readonly outputLimitBytes: number;
  /** Names of variables of the worker that the build may see, beside PATH, HOME, LANG and the like. */
  readonly allowVariables: readonly string[];
  readonly variables: Readonly<Record<string, string>>;
  /** The part of the working directory that becomes the artifact, relative; `.` for all of it. */
  readonly output: string;
  /** Globs, relative to `output`, of what the artifact leaves out. */
  readonly exclude: readonly string[];
  /** After the commands; the artifact holds the image too. Absent when releases are no images. */
  readonly image?: ImageSpec;
}

/** Where the image of a release comes from; both are paths in the working directory. */
export type ImageSpec =
  | { readonly from: 'dockerfile'; readonly path: string }
  /** A file that the build wrote, with the digest of an image. */
  | { readonly from: 'file'; readonly path: string };

/** How a release runs. Stored with the release, so that going back also goes back to the old way of starting. */
export interface ServiceSpec {
  /** Shell line that starts the service in the artifact's directory; absent for projects that only have command targets. */
  readonly start?: string;
  /** Shell line that brings the environment's database up to this release; run before the switch. */
  readonly migrate?: string;
  readonly migrateTimeout: Duration;
  readonly health: HealthCheck;
  /** Between SIGTERM and SIGKILL. */
  readonly stopGrace: Duration;
}

export type HealthCheck =
  /** The service is up when its process still runs after `settle`. */
  | { readonly kind: 'process'; readonly settle: Duration }
  /** The service is up when this path answers 200–399 in time. */
  | {
      readonly kind: 'http';
      readonly path: string;
      readonly deadline: Duration;
      readonly timeout: Duration;
      /** What is usual when absent: it is part of a release, whose id must not change with what is usual. */
      readonly restartAfter?: RestartAfter;
    };

/** After how many bad answers in a row an instance that serves is started again; `never`: it is told, and left to people. */
export type RestartAfter = number | 'never';

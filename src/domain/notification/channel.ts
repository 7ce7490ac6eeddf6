/** Where notifications go, and which. */
import type { ChannelId, EnvironmentId, ProjectId } from '../base/id.ts';
import type { Instant } from '../base/time.ts';
import type { EnvironmentKind } from '../pipeline/environment.ts';
import { isAtLeast, type Severity } from './severity.ts';

/** In the secret store, in place of a project: no project can be called so. */
export const installationScope = '_installation';

export const channelKinds = ['webhook', 'email', 'command'] as const;

export const mailSecurities = ['tls', 'starttls', 'none'] as const;
/** `starttls` is demanded, not offered. `none` only to hosts that the operator allows by name. */
export type MailSecurity = (typeof mailSecurities)[number];

/** `secret` is always the name of one in the secret store; values are never part of a channel. */
export type ChannelSettings =
  | { readonly kind: 'webhook'; readonly url: string; readonly secret: string }
  | {
      readonly kind: 'email';
      readonly host: string;
      readonly port: number;
      readonly security: MailSecurity;
      readonly user?: string | undefined;
      /** The password of `user`. */
      readonly secret?: string | undefined;
      readonly from: string;
      readonly to: readonly string[];
      /** Also to the addresses of those who could decide what waits for a decision. */
      readonly deciders: boolean;
    }
  | { readonly kind: 'command'; readonly command: string; readonly secret?: string | undefined };

/** All of what it says must hold; an empty list holds for everything. */
export interface Route {
  readonly atLeast: Severity;
  readonly kinds: readonly EnvironmentKind[];
  /** Names of environments. */
  readonly environments: readonly string[];
}

export interface Channel {
  readonly id: ChannelId;
  readonly name: string;
  /** Of the whole installation when absent. */
  readonly project: ProjectId | undefined;
  readonly settings: ChannelSettings;
  /** One of them is enough. */
  readonly routes: readonly Route[];
  readonly createdBy: string;
  readonly createdAt: Instant;
  readonly disabled: { readonly at: Instant; readonly because: string } | undefined;
}

/** A notice in its place. */
export interface Placed {
  readonly severity: Severity;
  readonly at: Instant;
  readonly project: ProjectId | undefined;
  readonly environment:
    | { readonly id: EnvironmentId; readonly name: string; readonly kind: EnvironmentKind }
    | undefined;
  /** Handles of those who could decide. */
  readonly deciders: readonly string[];
  /** Only this channel: its own test. */
  readonly only: string | undefined;
  /** Not this channel: it is the one that failed. */
  readonly except: string | undefined;
}

export function hears(channel: Channel, placed: Placed): boolean {
  if (channel.disabled !== undefined || placed.except === channel.id) return false;
  if (placed.only !== undefined) return placed.only === channel.id;
  if (placed.at < channel.createdAt) return false;
  if (channel.project !== undefined && channel.project !== placed.project) return false;
  const { settings } = channel;
  if (settings.kind === 'email' && settings.to.length === 0 && placed.deciders.length === 0) return false;
  return channel.routes.some((route) => leadsTo(route, placed));
}

/** What is about no environment concerns a project as a whole: a route for some environments does not lead there, one for all does. */
function leadsTo({ atLeast, kinds, environments }: Route, { severity, environment }: Placed): boolean {
  if (!isAtLeast(severity, atLeast)) return false;
  if (environment === undefined) return kinds.length === 0 && environments.length === 0;
  return (
    (kinds.length === 0 || kinds.includes(environment.kind)) &&
    (environments.length === 0 || environments.includes(environment.name))
  );
}

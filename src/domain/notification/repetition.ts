/**
 * The same thing over and over is told once in a while, with how often it was. And of what is wrong with a service people are called
 * once: what else is found of it meanwhile is told to those who hear more than calls.
 */
import type { NotificationId } from '../base/id.ts';
import type { Duration, Instant } from '../base/time.ts';
import type { Notice } from './notice.ts';
import type { Severity } from './severity.ts';

/** How long repetitions are counted instead of told. From the first one on, so that what never ends is told again and again. */
export const quietTime = 600_000 as Duration;

export interface Earlier {
  readonly id: NotificationId;
  readonly at: Instant;
}

export interface Happened {
  readonly kind: string;
  readonly at: Instant;
  readonly environment?: string;
  readonly project?: string;
}

export interface Telling {
  readonly severity: Severity;
  /** What it repeats, if anything: the kind of event, or all trouble, and what it is about. */
  readonly group: string | undefined;
}

/** The group of the calls of its incident; `undefined` where nobody is called. */
export function callsOf({ severity, trouble }: Notice, { environment = '' }: Happened): string | undefined {
  return trouble && severity === 'page' ? `trouble ${environment}` : undefined;
}

/** `lastCall`: the last one in the group of its calls. */
export function tellingOf(
  notice: Notice,
  event: Happened,
  lastCall: (Earlier & { readonly kind: string }) | undefined,
): Telling {
  const { kind, at, environment, project } = event;
  const alike = notice.repeats ? `${kind} ${environment ?? project ?? ''}`.trimEnd() : undefined;
  const calls = callsOf(notice, event);
  if (calls === undefined) return { severity: notice.severity, group: alike };
  const isCalled = foldedInto(lastCall, at) !== undefined && lastCall?.kind !== kind;
  return isCalled ? { severity: 'warning', group: alike } : { severity: notice.severity, group: calls };
}

/** The earlier one that this repeats, if that was told not long ago. */
export function foldedInto(earlier: Earlier | undefined, at: Instant): NotificationId | undefined {
  return earlier !== undefined && at - earlier.at < quietTime ? earlier.id : undefined;
}

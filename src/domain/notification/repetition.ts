/** The same thing over and over is told once in a while, with how often it was. */
import type { NotificationId } from '../base/id.ts';
import type { Duration, Instant } from '../base/time.ts';

/** How long repetitions are counted instead of told. From the first one on, so that what never ends is told again and again. */
export const quietTime = 600_000 as Duration;

export interface Earlier {
  readonly id: NotificationId;
  readonly at: Instant;
}

/** Names what repeats: the kind of event and what it is about. */
export function groupOf(
  { repeats }: { repeats: boolean },
  event: { kind: string; environment?: string; project?: string },
): string | undefined {
  return repeats ? `${event.kind} ${event.environment ?? event.project ?? ''}`.trimEnd() : undefined;
}

/** The earlier one that this repeats, if that was told not long ago. */
export function foldedInto(earlier: Earlier | undefined, at: Instant): NotificationId | undefined {
  return earlier !== undefined && at - earlier.at < quietTime ? earlier.id : undefined;
}

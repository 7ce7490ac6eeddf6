/** A notification in words, and as a CloudEvent. */
import { cloudEvent, type CloudEvent } from '../audit/cloud-event.ts';
import type { AuditedEvent } from '../audit/leaf.ts';
import type { NotificationId } from '../base/id.ts';
import { isoTime, type Instant } from '../base/time.ts';
import type { Severity } from './severity.ts';

export interface Message {
  readonly id: NotificationId;
  readonly severity: Severity;
  readonly summary: string;
  readonly event: AuditedEvent;
  /** Name of the audit log that the event is in. */
  readonly source: string;
  readonly project: string | undefined;
  readonly environment: string | undefined;
  readonly release: number | undefined;
  readonly deciders: readonly string[];
  /** How often the same was not told since the last time. */
  readonly more: number;
}

const mostTitle = 200;
const mostSaid = 2_000;

/** One line, whatever names and reasons hold: it ends up in a header of an e-mail. */
export function titleOf({ severity, summary, project, environment, release }: Message): string {
  const place = [project, environment].filter((name) => name !== undefined).join(' ');
  const what = release === undefined ? summary : `${summary} (#${release})`;
  return oneLine(`[${severity}] ${place === '' ? 'Liftlock' : place}: ${what}`).slice(0, mostTitle);
}

export function textOf(message: Message): string {
  const { event, id, deciders, more } = message;
  const because = becauseOf(message);
  return [
    titleOf(message),
    '',
    ...(because === undefined ? [] : [because, '']),
    `when: ${isoTime(event.at as Instant)}`,
    `who: ${oneLine(event.actor)}`,
    ...(event.promotion === undefined ? [] : [`promotion: ${event.promotion}`]),
    ...(deciders.length === 0 ? [] : [`could decide: ${deciders.map(oneLine).join(', ')}`]),
    ...(more === 0 ? [] : [`the same happened ${more} more times since it was last told`]),
    '',
    `${id}, event ${event.id} of the audit log`,
    '',
  ].join('\n');
}

/** The event as the audit log exports it, with a word of what it means and names beside the ids. */
export function notificationEvent(message: Message): CloudEvent & {
  readonly severity: Severity;
  readonly data: { readonly notification: object };
} {
  const { id, severity, summary, source, event, project, environment, release, deciders, more } = message;
  const exported = cloudEvent(source, event);
  const names = { project: project ?? null, environment: environment ?? null, release: release ?? null };
  return {
    ...exported,
    severity,
    data: {
      ...exported.data,
      notification: {
        id,
        title: titleOf(message),
        summary,
        because: becauseOf(message) ?? null,
        ...names,
        couldDecide: deciders,
        more,
      },
    },
  };
}

/** Events say why in one of three words. */
function becauseOf({ event: { data } }: Pick<Message, 'event'>): string | undefined {
  const said = [data['reason'], data['because'], data['message']].find(
    (text) => typeof text === 'string' && text !== '',
  );
  return typeof said === 'string' ? said.slice(0, mostSaid) : undefined;
}

/** Without control characters, line separators included. */
function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\u2028\u2029]+/gu, ' ').trim();
}

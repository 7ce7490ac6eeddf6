/** Events in the JSON format of CloudEvents 1.0.2. */
import { isoTime, type Instant } from '../base/time.ts';
import type { AuditedEvent } from './leaf.ts';

export interface CloudEvent {
  readonly specversion: '1.0';
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly time: string;
  readonly subject?: string;
  /** Of the extension `sequence`: the number of the entry in the audit log. */
  readonly sequence?: string;
  readonly datacontenttype: 'application/json';
  readonly data: Pick<AuditedEvent, 'actor' | 'project' | 'environment' | 'release' | 'promotion'> & {
    readonly details: AuditedEvent['data'];
  };
}

/** `source` is the name of the log, which with the id names the event everywhere. */
export function cloudEvent(source: string, event: AuditedEvent, index?: number): CloudEvent {
  const { id, kind, at, data, actor, project, environment, release, promotion } = event;
  const subject = promotion ?? release ?? environment ?? project;
  return {
    specversion: '1.0',
    id,
    source,
    type: `dev.liftlock.${kind}`,
    time: preciseTime(at),
    ...(subject === undefined ? {} : { subject }),
    ...(index === undefined ? {} : { sequence: String(index) }),
    datacontenttype: 'application/json',
    data: {
      actor,
      ...(project === undefined ? {} : { project }),
      ...(environment === undefined ? {} : { environment }),
      ...(release === undefined ? {} : { release }),
      ...(promotion === undefined ? {} : { promotion }),
      details: data,
    },
  };
}

/** RFC 3339 to the millisecond, UTC. */
export function preciseTime(at: number): string {
  const milliseconds = ((at % 60_000) + 60_000) % 60_000;
  const rest = (milliseconds / 1_000).toFixed(3).padStart(6, '0');
  return isoTime(at as Instant).replace('Z', `:${rest}Z`);
}

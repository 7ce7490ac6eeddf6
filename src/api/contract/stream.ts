/** Names in the event stream; apart from the shapes, so that who only listens need not load those. */

/**
 * What was missed cannot be told. Load everything again; the stream goes on from the
 * place in the event's id.
 */
export const resyncEvent = 'resync';
export interface ResyncNotice {
  readonly at: number;
  readonly because: string;
}

/** Tells, while nothing happens, that the line is there. */
export const beatEvent = 'beat';

/** Turns what the domain decided into rows of the event log (R41). */
import type { Json } from '../domain/base/digest.ts';
import type { ProjectId } from '../domain/base/id.ts';
import type { Promotion, PromotionEvent } from '../domain/promotion/promotion.ts';
import type { NewEvent } from '../ports/records.ts';

/** Actors that are not people. */
export const actors = {
  engine: 'system:engine',
  /** Whoever was asked and did not answer in time. */
  timeout: 'system:timeout',
  source: 'system:source',
  builder: 'system:builder',
  api: 'system:api',
  audit: 'system:audit',
} as const;

export interface Subject {
  readonly project: ProjectId;
  readonly promotion: Promotion;
  readonly actor: string;
}

/** One row for one event of a promotion; ids of leases are left out, they mean nothing to a reader. */
export function promotionEvents(
  { project, promotion, actor }: Subject,
  events: readonly PromotionEvent[],
): readonly NewEvent[] {
  return events.map((event) => {
    const at = 'at' in event ? event.at : event.request.at;
    return {
      kind: event.event,
      actor,
      at,
      project,
      environment: promotion.environment,
      release: promotion.release,
      promotion: promotion.id,
      data: dataOf(event),
    };
  });
}

function dataOf(event: PromotionEvent): { readonly [key: string]: Json | undefined } {
  switch (event.event) {
    case 'promotion.started':
      return { planHash: event.planHash };
    case 'promotion.phase-entered':
      return { phase: event.phase };
    case 'promotion.taken':
      return {};
    case 'promotion.put-back':
      return { reason: event.reason };
    case 'promotion.stop-requested':
      return { by: event.request.by, cause: event.request.cause, reason: event.request.reason };
    case 'promotion.superseded':
    case 'promotion.rolled-back':
      return { by: event.by };
    case 'promotion.ended':
      return { outcome: event.outcome, reason: event.reason };
  }
}

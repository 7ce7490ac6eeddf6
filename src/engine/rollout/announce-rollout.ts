/** Turns what happened to a rollout into rows of the event log (R41). */
import type { Json } from '../../domain/base/digest.ts';
import type { ProjectId } from '../../domain/base/id.ts';
import type { Instant } from '../../domain/base/time.ts';
import type { Promotion } from '../../domain/promotion/promotion.ts';
import type { CheckAnswer } from '../../domain/rollout/decide.ts';
import { describeStep, type Rollout, type RolloutEvent } from '../../domain/rollout/rollout.ts';
import type { NewEvent } from '../../ports/store.ts';
import { actors } from '../announce.ts';

export function rolloutEvents(
  { project, promotion }: { project: ProjectId; promotion: Promotion },
  told: {
    /** As it was before them. */
    readonly before: Rollout;
    readonly check?: CheckAnswer | undefined;
    readonly events: readonly RolloutEvent[];
    readonly at: Instant;
  },
): readonly NewEvent[] {
  const about = {
    project,
    environment: promotion.environment,
    release: promotion.release,
    promotion: promotion.id,
  };
  const { before, check, events, at } = told;
  const step = before.steps[before.at];
  return [
    ...(check === undefined || step?.step !== 'check'
      ? []
      : [{ kind: 'rollout.checked', actor: actors.engine, at, ...about, data: { check: step.name, ...check } }]),
    ...events.map((event) => ({
      kind: event.event,
      actor: 'by' in event ? event.by : actors.engine,
      at: event.at,
      ...about,
      data: dataOf(before, event),
    })),
  ];
}

function dataOf(before: Rollout, event: RolloutEvent): { readonly [key: string]: Json | undefined } {
  const described = (step: number) => {
    const at = before.steps[step];
    return { step: step + 1, of: before.steps.length, ...(at === undefined ? {} : { what: describeStep(at) }) };
  };
  switch (event.event) {
    case 'rollout.step-entered':
    case 'rollout.step-skipped':
      return described(event.step);
    case 'rollout.paused':
      return { ...described(before.at), cause: event.cause, because: event.because };
    case 'rollout.resumed':
      return described(before.at);
    case 'rollout.promoted':
      return { skipped: [...event.skipped] };
    case 'rollout.finished':
      return { how: event.how };
    case 'rollout.returned':
      return { ...described(before.at), why: event.why, because: event.because };
  }
}

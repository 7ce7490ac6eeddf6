/** What a person may do to a rollout, and what it leads to. Abort is not here: it stops the promotion (R14). */
import type { Instant } from '../base/time.ts';
import { describeStep, type Rollout, type RolloutEvent } from './rollout.ts';

export const rolloutVerbs = ['pause', 'resume', 'skip', 'promote'] as const;
export type RolloutVerb = (typeof rolloutVerbs)[number];

export interface RolloutCommand {
  readonly do: RolloutVerb;
  readonly by: string;
  readonly reason: string;
  readonly at: Instant;
}

export type CommandAnswer =
  | { readonly accepted: true; readonly events: readonly RolloutEvent[] }
  | { readonly accepted: false; readonly message: string };

/** A command repeated after it had its effect leads to no further event, where that can be told. */
export function command(rollout: Rollout, asked: RolloutCommand): CommandAnswer {
  const { state, steps, at } = rollout;
  if (state.is === 'returned') return refuse('all requests are back on the stable release already');
  if (state.is === 'finished')
    return asked.do === 'promote' ? accept() : refuse('all requests go to the new release already');
  switch (asked.do) {
    case 'pause':
      if (state.is === 'paused' && state.cause === 'person') return accept();
      return accept({
        event: 'rollout.paused',
        cause: 'person',
        by: asked.by,
        because: `paused by ${asked.by}${asked.reason === '' ? '' : `: ${asked.reason}`}`,
        at: asked.at,
      });
    case 'resume':
      if (state.is === 'paused') return accept({ event: 'rollout.resumed', by: asked.by, at: asked.at });
      return waitsForPerson(rollout) ? accept(...onward(rollout, asked)) : refuse('it is not paused');
    case 'skip':
      return at < steps.length ? accept(...onward(rollout, asked)) : refuse('there is no step to skip');
    case 'promote':
      return accept({
        event: 'rollout.promoted',
        by: asked.by,
        skipped: steps.slice(at).map(describeStep),
        at: asked.at,
      });
  }
}

/** R31: a pause without a time. */
function waitsForPerson({ steps, at, state }: Rollout): boolean {
  const step = steps[at];
  return state.is === 'paused' || (state.is === 'going' && step?.step === 'pause' && step.for === undefined);
}

function onward({ at, steps }: Rollout, asked: RolloutCommand): readonly RolloutEvent[] {
  const left: RolloutEvent =
    asked.do === 'resume'
      ? { event: 'rollout.resumed', by: asked.by, at: asked.at }
      : { event: 'rollout.step-skipped', step: at, by: asked.by, at: asked.at };
  return [
    left,
    at + 1 < steps.length
      ? { event: 'rollout.step-entered', step: at + 1, at: asked.at }
      : { event: 'rollout.finished', how: 'steps', at: asked.at },
  ];
}

function accept(...events: readonly RolloutEvent[]): CommandAnswer {
  return { accepted: true, events };
}

function refuse(message: string): CommandAnswer {
  return { accepted: false, message };
}

/**
 * One release on its way into one environment.
 *
 * `decide` answers what a command leads to (events, or a refusal); `evolve` applies an event. Both
 * are pure. The engine stores the evolved promotion and the events in one transaction.
 */
import type { EnvironmentId, LeaseId, PromotionId, ReleaseId } from '../base/id.ts';
import type { Digest } from '../base/digest.ts';
import type { Instant } from '../base/time.ts';

/** R12: different words, never mixed. `refused`: a gate closed for good, nothing was deployed. */
export const outcomes = [
  'succeeded',
  'failed',
  'errored',
  'inconclusive',
  'aborted',
  'superseded',
  'refused',
  'rolled-back',
] as const;
export type Outcome = (typeof outcomes)[number];

export const phases = ['preparing', 'migrating', 'switching', 'verifying'] as const;
export type Phase = (typeof phases)[number];

export type PromotionKind = 'promotion' | 'rollback';

export type Origin =
  /** R11: `key` names the event, so that hearing of it twice makes one promotion. */
  | {
      readonly by: 'trigger';
      readonly trigger: 'commit' | 'main' | 'tag' | 'success' | 'schedule';
      readonly key: string;
    }
  | { readonly by: 'person'; readonly actor: string }
  /** R13: the automatic rollback of the promotion named. */
  | { readonly by: 'engine'; readonly cause: PromotionId };

export type Progress =
  | { readonly state: 'waiting' }
  | { readonly state: 'running'; readonly phase: Phase; readonly lease: LeaseId; readonly startedAt: Instant }
  | { readonly state: 'ended'; readonly outcome: Outcome; readonly endedAt: Instant; readonly startedAt?: Instant };

export interface Promotion {
  readonly id: PromotionId;
  readonly environment: EnvironmentId;
  readonly release: ReleaseId;
  readonly kind: PromotionKind;
  readonly origin: Origin;
  readonly requestedAt: Instant;
  readonly progress: Progress;
  /** Sentence that explains the outcome, or why it is being stopped. */
  readonly reason?: string;
  /** R14: set while it runs; from then on it can only end as that says. */
  readonly stop?: StopRequest;
  readonly supersededBy?: PromotionId;
  readonly rolledBackBy?: PromotionId;
  /** R21: hash of the plan it was started with. */
  readonly planHash?: Digest;
  /** When traffic first reached the new release; absent when it never did. */
  readonly switchedAt?: Instant;
}

export interface StopRequest {
  readonly by: string;
  /**
   * `newer`: a newer release takes its place (R33), so that it ends `superseded`. `shut`: a gate shut before a user noticed anything
   * (R24, R27), so that it ends `refused`. What people want ends it `aborted`.
   */
  readonly cause: 'abort' | 'veto' | 'newer' | 'shut';
  /** The promotion that takes its place. */
  readonly newer?: PromotionId;
  readonly reason: string;
  readonly at: Instant;
}

export type PromotionCommand =
  | { readonly do: 'start'; readonly lease: LeaseId; readonly planHash: Digest; readonly at: Instant }
  | { readonly do: 'enter'; readonly phase: Phase; readonly lease: LeaseId; readonly at: Instant }
  | { readonly do: 'take'; readonly lease: LeaseId; readonly at: Instant }
  | { readonly do: 'put-back'; readonly reason: string; readonly at: Instant }
  | { readonly do: 'stop'; readonly request: StopRequest }
  | { readonly do: 'supersede'; readonly by: PromotionId; readonly at: Instant }
  | { readonly do: 'refuse'; readonly reason: string; readonly at: Instant }
  | {
      readonly do: 'settle';
      readonly lease: LeaseId;
      readonly outcome: SettledOutcome;
      readonly reason: string;
      readonly at: Instant;
    }
  | { readonly do: 'mark-rolled-back'; readonly by: PromotionId; readonly at: Instant };

/** What a run can end in by itself. */
export type SettledOutcome = Exclude<Outcome, 'rolled-back'>;

export type PromotionEvent =
  | { readonly event: 'promotion.started'; readonly lease: LeaseId; readonly planHash: Digest; readonly at: Instant }
  | { readonly event: 'promotion.phase-entered'; readonly phase: Phase; readonly at: Instant }
  | { readonly event: 'promotion.taken'; readonly lease: LeaseId; readonly at: Instant }
  /** R24: it has lost its pass before it did anything, and waits again. */
  | { readonly event: 'promotion.put-back'; readonly reason: string; readonly at: Instant }
  | { readonly event: 'promotion.stop-requested'; readonly request: StopRequest }
  | { readonly event: 'promotion.superseded'; readonly by: PromotionId; readonly at: Instant }
  | {
      readonly event: 'promotion.ended';
      readonly outcome: Exclude<Outcome, 'superseded' | 'rolled-back'>;
      readonly reason: string;
      readonly at: Instant;
    }
  | { readonly event: 'promotion.rolled-back'; readonly by: PromotionId; readonly at: Instant };

export type Decision =
  | { readonly accepted: true; readonly events: readonly PromotionEvent[] }
  | {
      readonly accepted: false;
      readonly because: 'ended' | 'running' | 'not-running' | 'lease-lost' | 'stopping';
      readonly message: string;
    };

/** What a command leads to in this state. A command repeated after it had its effect leads to no further event. */
export function decide(promotion: Promotion, command: PromotionCommand): Decision {
  const { progress } = promotion;
  if (command.do === 'mark-rolled-back') return decideRolledBack(promotion, command);
  if (progress.state === 'ended') {
    return refuse('ended', `promotion ${promotion.id} has ended: ${progress.outcome}`);
  }
  if (command.do === 'stop') return decideStop(promotion, command.request);
  if (progress.state === 'waiting') return decideWaiting(promotion, command);
  return decideRunning(promotion, progress, command);
}

function decideStop(promotion: Promotion, request: StopRequest): Decision {
  if (promotion.progress.state === 'waiting') {
    return accept({ event: 'promotion.ended', outcome: 'aborted', reason: request.reason, at: request.at });
  }
  // R14: what a person wants outdoes what follows by itself.
  const stands = promotion.stop !== undefined && (isOfPerson(promotion.stop) || !isOfPerson(request));
  return stands ? accept() : accept({ event: 'promotion.stop-requested', request });
}

function isOfPerson({ cause }: StopRequest): boolean {
  return cause === 'abort' || cause === 'veto';
}

function decideWaiting(promotion: Promotion, command: PromotionCommand): Decision {
  switch (command.do) {
    case 'start':
      return accept({ event: 'promotion.started', lease: command.lease, planHash: command.planHash, at: command.at });
    case 'supersede':
      return accept({ event: 'promotion.superseded', by: command.by, at: command.at });
    case 'refuse':
      return accept({ event: 'promotion.ended', outcome: 'refused', reason: command.reason, at: command.at });
    default:
      return refuse('not-running', `promotion ${promotion.id} is waiting; it cannot ${command.do}`);
  }
}

function decideRunning(
  promotion: Promotion,
  progress: Progress & { state: 'running' },
  command: PromotionCommand,
): Decision {
  switch (command.do) {
    case 'take':
      return command.lease === progress.lease
        ? accept()
        : accept({ event: 'promotion.taken', lease: command.lease, at: command.at });
    case 'enter':
      if (command.lease !== progress.lease) return leaseLost(promotion);
      if (promotion.stop !== undefined)
        return refuse('stopping', `promotion ${promotion.id} is being stopped: ${promotion.stop.reason}`);
      if (phases.indexOf(command.phase) <= phases.indexOf(progress.phase)) return accept();
      return accept({ event: 'promotion.phase-entered', phase: command.phase, at: command.at });
    case 'put-back':
      if (progress.phase !== 'preparing')
        return refuse('running', `promotion ${promotion.id} has begun: it is ${progress.phase}`);
      if (promotion.stop !== undefined)
        return refuse('stopping', `promotion ${promotion.id} is being stopped: ${promotion.stop.reason}`);
      return accept({ event: 'promotion.put-back', reason: command.reason, at: command.at });
    case 'settle':
      if (command.lease !== progress.lease) return leaseLost(promotion);
      return settled(promotion, command);
    default:
      return refuse('running', `promotion ${promotion.id} is running; it cannot ${command.do}`);
  }
}

/** R14: what is being stopped ends as its stop says, and only that ends so. */
function settled(promotion: Promotion, { outcome, reason, at }: PromotionCommand & { do: 'settle' }): Decision {
  const { stop } = promotion;
  if (stop !== undefined && outcome !== outcomeOfStop(stop))
    return refuse('stopping', `promotion ${promotion.id} is being stopped: ${stop.reason}`);
  if (outcome !== 'superseded') return accept({ event: 'promotion.ended', outcome, reason, at });
  if (stop?.newer !== undefined) return accept({ event: 'promotion.superseded', by: stop.newer, at });
  return refuse('running', `promotion ${promotion.id} is running and nothing takes its place`);
}

/** How a promotion ends that was stopped in this way. */
export function outcomeOfStop({ cause }: StopRequest): SettledOutcome {
  if (cause === 'newer') return 'superseded';
  return cause === 'shut' ? 'refused' : 'aborted';
}

/** R9, R12: only what failed, or succeeded and was then left behind, becomes `rolled-back`. */
function decideRolledBack(promotion: Promotion, command: PromotionCommand & { do: 'mark-rolled-back' }): Decision {
  const { progress } = promotion;
  const outcome = progress.state === 'ended' ? progress.outcome : undefined;
  if (outcome === 'rolled-back') return accept();
  if (outcome === 'failed' || outcome === 'succeeded' || outcome === 'inconclusive' || outcome === 'errored') {
    return accept({ event: 'promotion.rolled-back', by: command.by, at: command.at });
  }
  return refuse('not-running', `promotion ${promotion.id} deployed nothing that could be rolled back`);
}

/** The promotion after an event. @throws TypeError for an event that does not fit the state, which is a defect. */
export function evolve(promotion: Promotion, event: PromotionEvent): Promotion {
  switch (event.event) {
    case 'promotion.started':
      expect(promotion, event, 'waiting');
      return {
        ...promotion,
        planHash: event.planHash,
        progress: { state: 'running', phase: 'preparing', lease: event.lease, startedAt: event.at },
      };
    case 'promotion.phase-entered':
      return {
        ...promotion,
        progress: { ...expect(promotion, event, 'running'), phase: event.phase },
        ...(event.phase === 'switching' ? { switchedAt: event.at } : {}),
      };
    case 'promotion.taken':
      return { ...promotion, progress: { ...expect(promotion, event, 'running'), lease: event.lease } };
    case 'promotion.put-back': {
      expect(promotion, event, 'running');
      const { planHash: _, ...rest } = promotion;
      return { ...rest, progress: { state: 'waiting' } };
    }
    case 'promotion.stop-requested':
      expect(promotion, event, 'running');
      return { ...promotion, stop: event.request, reason: event.request.reason };
    case 'promotion.superseded':
      expect(promotion, event, 'waiting', 'running');
      return { ...end(promotion, 'superseded', event.at), supersededBy: event.by, reason: `superseded by ${event.by}` };
    case 'promotion.ended':
      expect(promotion, event, 'waiting', 'running');
      return { ...end(promotion, event.outcome, event.at), reason: event.reason };
    case 'promotion.rolled-back':
      expect(promotion, event, 'ended');
      return { ...end(promotion, 'rolled-back', event.at), rolledBackBy: event.by };
  }
}

function expect<State extends Progress['state']>(
  promotion: Promotion,
  event: PromotionEvent,
  ...states: readonly State[]
): Progress & { state: State } {
  const { id, progress } = promotion;
  if (!states.some((state) => state === progress.state))
    throw new TypeError(`${event.event} on promotion ${id}, which is ${progress.state}`);
  return progress as Progress & { state: State };
}

function end(promotion: Promotion, outcome: Outcome, at: Instant): Promotion {
  const { progress } = promotion;
  const startedAt = progress.state === 'waiting' ? undefined : progress.startedAt;
  const endedAt = progress.state === 'ended' ? progress.endedAt : at;
  return {
    ...promotion,
    progress: { state: 'ended', outcome, endedAt, ...(startedAt === undefined ? {} : { startedAt }) },
  };
}

function accept(...events: readonly PromotionEvent[]): Decision {
  return { accepted: true, events };
}

function refuse(because: (Decision & { accepted: false })['because'], message: string): Decision {
  return { accepted: false, because, message };
}

function leaseLost(promotion: Promotion): Decision {
  return refuse('lease-lost', `another worker has taken over promotion ${promotion.id}`);
}

/**
 * One release taking over from another, step by step. `decide` (in `decide.ts`) says what comes next, `command` what a person
 * may do to it, and `evolve` applies what happened. All are pure: a rollout is data, and so is its waiting.
 */
import type { PromotionId } from '../base/id.ts';
import type { Duration, Instant } from '../base/time.ts';
import type { Traffic } from '../observation/sample.ts';
import type { AnalysisSpec, CanaryStep, Strategy, UserSpec } from '../pipeline/rollout-spec.ts';
import { freshComparison, type Comparison } from '../verdict/comparison.ts';
import type { ReplaceLimits, Sizes } from './replacing.ts';
import { beginAgain, type Tallied } from './tally.ts';

/** A part of a rollout: as the pipeline writes it, or made of it by its strategy. */
export type RolloutStep = CanaryStep | ReplaceStep;

/** So many of all instances are new ones. */
export interface ReplaceStep {
  readonly step: 'replace';
  readonly instances: number;
  readonly of: number;
  readonly for: Duration;
}

export interface Rollout extends Tallied {
  readonly promotion: PromotionId;
  readonly strategy: Strategy;
  readonly steps: readonly RolloutStep[];
  readonly analysis: 'none' | AnalysisSpec;
  readonly users: UserSpec;
  /** Where instances are replaced a few at a time. */
  readonly replacing?: ReplaceLimits;
  /** The step it is in; as many as there are steps once the last is done. */
  readonly at: number;
  readonly step: StepProgress;
  readonly state: RolloutState;
  /** Since when requests, or copies of them, are led to the new release: its metrics are measured from then on. */
  readonly ledAt?: Instant | undefined;
  /** When a request of a user first reached the new release: its warm-up begins then. */
  readonly firstRequestAt: Instant | undefined;
  /** The counters as they were last read. */
  readonly reading: Reading | undefined;
  /** Everything that was counted so far; what is judged. */
  readonly comparison: Comparison;
}

export interface StepProgress {
  readonly since: Instant;
  /** Judged requests of the new release when it began. */
  readonly requestsBefore: number;
  /** Counts how often the step was begun: a check that is asked again is another run. */
  readonly attempt: number;
  /** Of a step that replaces instances: it has, and `since` says when. */
  readonly replaced?: true;
}

export type RolloutState =
  | { readonly is: 'going' }
  | {
      readonly is: 'paused';
      readonly cause: PauseCause;
      readonly by: string;
      readonly because: string;
      readonly at: Instant;
    }
  /** All requests go to the new release. */
  | { readonly is: 'finished'; readonly how: Finish; readonly at: Instant }
  /** All requests are back on the stable release. */
  | { readonly is: 'returned'; readonly why: ReturnCause; readonly because: string; readonly at: Instant };

/** A person wanted it, or nobody can tell (R35): for want of requests, which may come yet, or whatever else it is. */
export type PauseCause = 'person' | 'few-requests' | 'inconclusive';

export type Finish = 'steps' | 'promoted' | 'stable-down';

/** `worse`: it was judged and failed. `unknown`: nobody can tell what became of it. `stopped`: a person wanted it. */
export type ReturnCause = 'worse' | 'unknown' | 'stopped';

/** Counters of the two sides, as one process counted them. */
export interface Reading {
  /** Names that process: another one began to count anew. */
  readonly counter: string;
  readonly ofNew: Traffic;
  readonly ofStable: Traffic;
}

export type RolloutEvent =
  | { readonly event: 'rollout.step-entered'; readonly step: number; readonly at: Instant }
  | {
      readonly event: 'rollout.paused';
      readonly cause: PauseCause;
      readonly by: string;
      readonly because: string;
      readonly at: Instant;
    }
  | { readonly event: 'rollout.resumed'; readonly by: string; readonly at: Instant }
  | { readonly event: 'rollout.step-skipped'; readonly step: number; readonly by: string; readonly at: Instant }
  /** R31: what was left out is part of the record. */
  | {
      readonly event: 'rollout.promoted';
      readonly by: string;
      readonly skipped: readonly string[];
      readonly at: Instant;
    }
  | { readonly event: 'rollout.finished'; readonly how: Finish; readonly at: Instant }
  | { readonly event: 'rollout.returned'; readonly why: ReturnCause; readonly because: string; readonly at: Instant };

export interface RolloutPlan {
  readonly strategy: Strategy;
  readonly steps: readonly RolloutStep[];
  readonly analysis: 'none' | AnalysisSpec;
  readonly users: UserSpec;
  readonly replacing?: ReplaceLimits;
}

/** All requests are on one side. A finished one may still be led back. */
export function isOver({ state }: Pick<Rollout, 'state'>): boolean {
  return state.is === 'finished' || state.is === 'returned';
}

export function beginRollout(promotion: PromotionId, plan: RolloutPlan, at: Instant): Rollout {
  return led(
    {
      promotion,
      ...plan,
      at: 0,
      step: { since: at, requestsBefore: 0, attempt: 1 },
      state: { is: 'going' },
      firstRequestAt: undefined,
      reading: undefined,
      comparison: freshComparison,
    },
    at,
  );
}

function led(rollout: Rollout, at: Instant): Rollout {
  const { weight, groups, shadow } = trafficOf(rollout);
  return rollout.ledAt !== undefined || (weight === 0 && groups.length === 0 && !shadow)
    ? rollout
    : { ...rollout, ledAt: at };
}

/** @throws TypeError for an event that does not fit the state, which is a defect. */
export function evolve(rollout: Rollout, event: RolloutEvent): Rollout {
  const { state } = rollout;
  if (state.is === 'returned' || (state.is === 'finished' && event.event !== 'rollout.returned'))
    throw new TypeError(`${event.event} on the rollout of ${rollout.promotion}, which has ${state.is}`);
  switch (event.event) {
    case 'rollout.step-entered':
      return led({ ...begun(rollout, event.at), at: event.step, state: { is: 'going' } }, event.at);
    case 'rollout.step-skipped':
      return rollout;
    case 'rollout.paused':
      return {
        ...rollout,
        state: { is: 'paused', cause: event.cause, by: event.by, because: event.because, at: event.at },
      };
    case 'rollout.resumed':
      return resumed(rollout, event.at);
    case 'rollout.promoted':
      return { ...rollout, at: rollout.steps.length, state: { is: 'finished', how: 'promoted', at: event.at } };
    case 'rollout.finished':
      return { ...rollout, at: rollout.steps.length, state: { is: 'finished', how: event.how, at: event.at } };
    case 'rollout.returned':
      return { ...rollout, state: { is: 'returned', why: event.why, because: event.because, at: event.at } };
  }
}

/** The time that a person paused it for does not count; a step that nobody could judge begins again. */
function resumed(rollout: Rollout, at: Instant): Rollout {
  const { state, step } = rollout;
  if (state.is !== 'paused') return rollout;
  if (state.cause !== 'person')
    return beginAgain({ ...begun(rollout, at, step.attempt + 1), state: { is: 'going' } }, at);
  return { ...rollout, state: { is: 'going' }, step: { ...step, since: (step.since + (at - state.at)) as Instant } };
}

function begun(rollout: Rollout, since: Instant, attempt = 1): Rollout {
  return { ...rollout, step: { since, requestsBefore: rollout.comparison.ofNew.requests, attempt } };
}

/** The requests that should reach the new release now; telling it again changes nothing. */
export interface TrafficShare {
  /** Parts of 10,000. */
  readonly weight: number;
  readonly groups: readonly Extract<CanaryStep, { step: 'group' }>[];
  readonly shadow: boolean;
}

const whole = 10_000;

/** All of them go to the stable release. */
export const noTraffic: TrafficShare = { weight: 0, groups: [], shadow: false };

export function trafficOf({ state, steps, at }: Rollout): TrafficShare {
  if (state.is === 'returned') return noTraffic;
  if (state.is === 'finished') return { weight: whole, groups: [], shadow: false };
  const begunSteps = steps.slice(0, at + 1);
  return {
    weight: weightOf(begunSteps.findLast(({ step }) => step === 'weight' || step === 'replace')),
    groups: begunSteps.filter((step) => step.step === 'group'),
    shadow: steps[at]?.step === 'shadow',
  };
}

/** Each instance gets as many requests as any other. */
function weightOf(step: RolloutStep | undefined): number {
  if (step?.step === 'replace') return Math.round((whole * step.instances) / step.of);
  return step?.step === 'weight' ? step.percent * 100 : 0;
}

/** How many instances of each release there should be now; `undefined` where both keep all of theirs. */
export function sizesOf({ replacing, state, steps, at }: Rollout): Sizes | undefined {
  if (replacing === undefined) return undefined;
  const { instances } = replacing;
  const step = steps[Math.min(at, steps.length - 1)];
  const reached = step?.step === 'replace' ? step.instances : 0;
  const fresh = state.is === 'returned' ? 0 : state.is === 'finished' ? instances : reached;
  return { fresh, stable: instances - fresh };
}

/** The instances of its step are there: the time that it lasts begins. */
export function replacedAt(rollout: Rollout, now: Instant): Rollout {
  const { step } = rollout;
  return step.replaced === true || rollout.steps[rollout.at]?.step !== 'replace'
    ? rollout
    : { ...rollout, step: { ...step, since: now, replaced: true } };
}

/** Whether requests of users may reach the new release now. */
export function isExposed(rollout: Rollout): boolean {
  const { weight, groups } = trafficOf(rollout);
  return weight > 0 || groups.length > 0;
}

export function describeStep(step: RolloutStep): string {
  switch (step.step) {
    case 'replace':
      return `${step.instances} of ${step.of} instances are new`;
    case 'weight':
      return `${step.percent} % of the requests`;
    case 'pause':
      return step.for === undefined ? 'a pause until a person resumes it' : 'a pause';
    case 'group':
      return `users with the ${step.by} ${step.name}${step.value === undefined ? '' : ` ${step.value}`}`;
    case 'shadow':
      return 'copies of requests';
    case 'check':
      return `the check ${step.name}`;
  }
}

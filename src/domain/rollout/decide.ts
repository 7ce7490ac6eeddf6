/** What comes next in a rollout, from what is known now. Asked again and again; it answers the same for the same facts. */
import { plus, type Duration, type Instant } from '../base/time.ts';
import type { RolloutCheck } from '../pipeline/rollout-spec.ts';
import { isLastJudged, judgeCounts, verdictOf, warmAt, type RolloutVerdict } from './judge.ts';
import { enoughTurnsAt } from './metrics.ts';
import {
  describeStep,
  type Finish,
  type PauseCause,
  type ReturnCause,
  type Rollout,
  type RolloutEvent,
  type RolloutStep,
} from './rollout.ts';

export interface RolloutFacts {
  readonly now: Instant;
  /** R14: why it is to be stopped. */
  readonly stop: string | undefined;
  /** `silent`: it lives and answers nothing, so its users wait. `lost`: it is down, and could not be started again. */
  readonly stable: 'serves' | 'silent' | 'down' | 'lost';
  readonly fresh:
    | { readonly is: 'serves' }
    /** `byItself`: it ended or fell; otherwise the machine or somebody ended it, or neither release answers, which says nothing about it. */
    | { readonly is: 'down'; readonly because: string; readonly byItself: boolean };
  /** Answer of the check of this step, in this attempt. */
  readonly check: CheckAnswer | undefined;
}

export interface CheckAnswer {
  readonly says: 'yes' | 'no' | 'unknown';
  readonly because: string;
}

export type RolloutDecision =
  | { readonly do: 'return'; readonly why: ReturnCause; readonly because: string }
  | { readonly do: 'finish'; readonly how: Finish }
  | { readonly do: 'enter'; readonly step: number }
  | { readonly do: 'pause'; readonly cause: Exclude<PauseCause, 'person'>; readonly because: string }
  /** What it paused for has come. */
  | { readonly do: 'resume' }
  | { readonly do: 'check'; readonly check: RolloutCheck }
  /** The stable release is started again, after what hangs of it was ended: how it goes on is for a person to say, and until then both sides have users. */
  | { readonly do: 'mend' }
  /** The machine ended both, which says nothing about either: they are started again, and it goes on where it was. */
  | { readonly do: 'revive' }
  | {
      readonly do: 'wait';
      readonly for: 'time' | 'data' | 'person';
      /** When there will be something to decide by time alone. */
      readonly until: Instant | undefined;
      readonly because: string;
    };

export function decide(rollout: Rollout, facts: RolloutFacts): RolloutDecision {
  const { state } = rollout;
  const stable = isReplaced(rollout) ? 'serves' : facts.stable;
  if (state.is === 'returned') return { do: 'return', why: state.why, because: state.because };
  if (facts.stop !== undefined) return { do: 'return', why: 'stopped', because: facts.stop };
  // While instances are replaced, the old ones may still be there to return to.
  if (state.is === 'finished' && (rollout.replacing === undefined || facts.fresh.is === 'serves'))
    return { do: 'finish', how: state.how };
  if (facts.fresh.is === 'down') {
    const { byItself, because } = facts.fresh;
    if (!byItself && stable === 'down') return { do: 'revive' };
    return { do: 'return', why: byItself ? 'worse' : 'unknown', because: `the new release is down: ${because}` };
  }
  const { verdict } = verdictAt(rollout, facts.now);
  // Also while it is paused: users are on it then, too.
  if (verdict?.says === 'worse') return { do: 'return', why: 'worse', because: verdict.because };
  if (isForPerson(rollout) && (stable === 'down' || stable === 'silent')) return { do: 'mend' };
  if (state.is === 'paused') {
    if (stable !== 'serves') return withoutStable(rollout);
    return state.cause === 'few-requests' && !hasFewRequests(rollout)
      ? { do: 'resume' }
      : { do: 'wait', for: 'person', until: undefined, because: state.because };
  }
  const step = rollout.steps[rollout.at];
  if (step === undefined) return { do: 'finish', how: 'steps' };
  if (step.step === 'check') return answered(rollout, { check: step, answer: facts.check });
  // R34: there is nothing to share with, and nothing to return to.
  if (stable !== 'serves') return withoutStable(rollout);
  return inStep(rollout, { step, verdict, facts });
}

/** Nobody but a person goes on with it: it is paused, or in a pause without a time. */
function isForPerson({ state, steps, at }: Rollout): boolean {
  const step = steps[at];
  return state.is === 'paused' || (step?.step === 'pause' && step.for === undefined);
}

/** What a decision changes; nothing when it only asks or waits, or has been carried out before. */
export function eventOf(
  { state }: Rollout,
  decision: RolloutDecision,
  told: { readonly by: string; readonly at: Instant },
): RolloutEvent | undefined {
  const { at } = told;
  switch (decision.do) {
    case 'return':
      return state.is === 'returned'
        ? undefined
        : { event: 'rollout.returned', why: decision.why, because: decision.because, at };
    case 'finish':
      return state.is === 'finished' ? undefined : { event: 'rollout.finished', how: decision.how, at };
    case 'enter':
      return { event: 'rollout.step-entered', step: decision.step, at };
    case 'pause':
      return { event: 'rollout.paused', cause: decision.cause, because: decision.because, ...told };
    case 'resume':
      return { event: 'rollout.resumed', ...told };
    case 'check':
    case 'mend':
    case 'revive':
    case 'wait':
      return undefined;
  }
}

/** What is said now: more is asked of a step whose time is over. For whoever decides, shows or records it. */
export function verdictAt(
  rollout: Rollout,
  now: Instant,
): { readonly verdict: RolloutVerdict | undefined; readonly atEnd: boolean } {
  const step = rollout.steps[rollout.at];
  const length = step !== undefined && 'for' in step ? step.for : undefined;
  const atEnd = length !== undefined && now >= plus(rollout.step.since, length);
  return { verdict: verdictOf(rollout, atEnd), atEnd };
}

/** R13: only a no leads back; what cannot be asked is asked again when a person says so. */
function answered(
  rollout: Rollout,
  { check, answer }: { check: RolloutCheck; answer: CheckAnswer | undefined },
): RolloutDecision {
  const { name, run, timeout } = check;
  if (answer === undefined) return { do: 'check', check: { name, run, timeout } };
  switch (answer.says) {
    case 'yes':
      return next(rollout);
    case 'no':
      return { do: 'return', why: 'worse', because: `the check ${name} failed: ${answer.because}` };
    case 'unknown':
      return { do: 'pause', cause: 'inconclusive', because: `the check ${name} could not tell: ${answer.because}` };
  }
}

/** Checks are asked all the same: they judge the new release alone. */
function withoutStable({ steps, at }: Rollout): RolloutDecision {
  const check = steps.findIndex((step, index) => index > at && step.step === 'check');
  return check < 0 ? { do: 'finish', how: 'stable-down' } : { do: 'enter', step: check };
}

function inStep(
  rollout: Rollout,
  {
    step,
    verdict,
    facts,
  }: { step: Exclude<RolloutStep, { step: 'check' }>; verdict: RolloutVerdict | undefined; facts: RolloutFacts },
): RolloutDecision {
  const { now } = facts;
  if (step.for === undefined) return { do: 'wait', for: 'person', until: undefined, because: describeStep(step) };
  const over = plus(rollout.step.since, step.for);
  if (now < over) return { do: 'wait', for: 'time', until: over, because: describeStep(step) };
  if (verdict === undefined || step.step === 'pause' || step.step === 'replace') return next(rollout);
  return verdict.says === 'no-data' || hasFewRequests(rollout)
    ? missing(rollout, { over, length: step.for, facts, verdict })
    : next(rollout);
}

/** Nothing of the stable release is to run any more: that it does not is no outage. */
function isReplaced({ steps, at }: Rollout): boolean {
  const step = steps[at];
  return step?.step === 'replace' && step.instances === step.of;
}

/** Enough over the whole rollout is not enough when this very step brought nothing. */
function hasFewRequests(rollout: Rollout): boolean {
  const { comparison, step, steps, at } = rollout;
  const hasNoneHere = comparison.ofNew.requests <= step.requestsBefore;
  return judgeCounts(rollout)?.says === 'no-data' || (steps[at]?.step !== 'shadow' && hasNoneHere);
}

/** R35: it waits as long again; then a person may say how it goes on, and where requests are missing it does by itself once they come. */
function missing(
  rollout: Rollout,
  waited: { over: Instant; length: Duration; facts: RolloutFacts; verdict: RolloutVerdict },
): RolloutDecision {
  const { over, length, facts, verdict } = waited;
  const { now } = facts;
  const warm = warmAt(rollout) ?? over;
  const few = verdict.says === 'no-data' ? verdict.because : 'no request of this step was judged yet';
  const because = now < warm ? 'it warms up' : few;
  const enough = isLastJudged(rollout) ? enoughTurnsAt(rollout) : undefined;
  const from = Math.max(over, warm, enough ?? over) as Instant;
  const until = plus(from, length);
  if (now < until) return { do: 'wait', for: 'data', until, because };
  return hasFewRequests(rollout)
    ? { do: 'pause', cause: 'few-requests', because: `nobody can tell: ${because}; with enough it goes on by itself` }
    : { do: 'pause', cause: 'inconclusive', because: `nobody can tell: ${because}` };
}

function next({ at, steps }: Rollout): RolloutDecision {
  return at + 1 < steps.length ? { do: 'enter', step: at + 1 } : { do: 'finish', how: 'steps' };
}

/** How a run ends and what follows from it: outcome, verdict, what runs now, and whether to go back (R12, R13, R36, R37). */
import type { ReleaseId } from '../base/id.ts';
import { outcomeOfStop, type SettledOutcome, type Promotion } from '../promotion/promotion.ts';
import type { VerdictWord } from '../release/evidence.ts';

/** What happened, as the run saw it. */
export type RunResult =
  /** The release was deployed and its verification gave this verdict (`PASS` when there is none to run). */
  | { readonly happened: 'verified'; readonly verdict: VerdictWord; readonly summary: string }
  /** The release was started and never became ready; unless it `replaced` the old one, that one serves as before. */
  | { readonly happened: 'not-ready'; readonly summary: string; readonly replaced: boolean }
  /** It was judged beside the stable one and is worse: all requests are back there; `restored` unless that one is down. */
  | { readonly happened: 'returned'; readonly summary: string; readonly restored: boolean }
  /** It was tried and answered no before anything was replaced (migration, hook). */
  | { readonly happened: 'refused-by-release'; readonly summary: string }
  /** Nobody can tell (network, missing secret, lost runner); `switched` when the new release may already be in place. */
  | { readonly happened: 'could-not-tell'; readonly summary: string; readonly switched: boolean }
  /** Nothing of it was started; `restored` unless what ran before was ended and could not be brought back. */
  | { readonly happened: 'not-started'; readonly summary: string; readonly restored: boolean }
  /** R5: between its start and its deployment a gate closed; nothing was changed. */
  | { readonly happened: 'no-longer-available'; readonly summary: string }
  /** R14: stopped on request; `restored` unless what ran before could not be brought back. */
  | { readonly happened: 'stopped'; readonly summary: string; readonly restored: boolean };

export interface Settlement {
  readonly outcome: SettledOutcome;
  readonly summary: string;
  /** Recorded for (release, environment) when the release was judged there. */
  readonly verdict: VerdictWord | undefined;
  /** Whether the new release is what runs from now on. */
  readonly occupies: boolean;
  /** R13: go back by itself. */
  readonly rollBack: boolean;
  /** R13: nobody but a person can go on; said aloud. */
  readonly page: string | undefined;
  /** With a page: automation rests until a person lets it go on. */
  readonly hold: boolean;
}

export interface SettlementContext {
  readonly promotion: Promotion;
  readonly rollbackPolicy: 'automatic' | 'manual';
  /** R36: the release to go back to; absent when none was ever verified here. */
  readonly rollbackTarget: ReleaseId | undefined;
  /** False until a first promotion has succeeded here. */
  readonly everGood: boolean;
}

export function settle(result: RunResult, context: SettlementContext): Settlement {
  switch (result.happened) {
    case 'verified':
      return settleVerified(result, context);
    case 'not-ready':
      return result.replaced ? negative(result.summary, context) : harmless(result.summary, context);
    case 'returned':
      return result.restored
        ? harmless(result.summary, context)
        : { ...harmless(result.summary, context), page: `what ran before does not serve again: ${result.summary}` };
    case 'refused-by-release':
      return { ...quiet('failed', result.summary), page: pageIfRollback(context, result.summary) };
    case 'could-not-tell':
      return {
        ...quiet('errored', result.summary),
        occupies: result.switched,
        page: result.switched ? `what runs is unknown: ${result.summary}` : pageIfRollback(context, result.summary),
      };
    case 'not-started':
      return {
        ...quiet('errored', result.summary),
        page: result.restored
          ? pageIfRollback(context, result.summary)
          : `what ran before does not serve again: ${result.summary}`,
      };
    case 'no-longer-available':
      return quiet('refused', result.summary);
    case 'stopped':
      return settleStopped(result, context);
  }
}

function settleVerified(result: RunResult & { happened: 'verified' }, context: SettlementContext): Settlement {
  switch (result.verdict) {
    case 'PASS':
      return { ...quiet('succeeded', result.summary), verdict: 'PASS', occupies: true };
    case 'INCONCLUSIVE':
      return {
        ...quiet('inconclusive', result.summary),
        verdict: 'INCONCLUSIVE',
        occupies: true,
        page: pageIfRollback(context, result.summary),
      };
    case 'FAIL':
      return negative(result.summary, context);
  }
}

/** A negative verdict on what now runs: once back by itself, never back from going back (R13, R37). */
function negative(summary: string, context: SettlementContext): Settlement {
  const base: Settlement = { ...quiet('failed', summary), verdict: 'FAIL', occupies: true };
  if (context.promotion.kind === 'rollback') {
    return { ...base, page: `the rollback itself failed: ${summary}` };
  }
  if (context.rollbackPolicy === 'manual') return base;
  // Nothing is lost where nothing has worked yet, so the release that mends it need not wait for a person.
  if (context.rollbackTarget === undefined && !context.everGood) {
    return { ...base, hold: false, page: `nothing good has run here yet, the next release may enter: ${summary}` };
  }
  if (context.rollbackTarget === undefined) {
    return { ...base, page: `no release verified here to go back to: ${summary}` };
  }
  return { ...base, rollBack: true };
}

/** R34: nobody is led to it, so there is nothing to go back from. */
function harmless(summary: string, context: SettlementContext): Settlement {
  return { ...quiet('failed', summary), verdict: 'FAIL', page: pageIfRollback(context, summary) };
}

/** R14: as its stop says, whatever else is true; but an environment without its release needs a person. */
function settleStopped(
  { summary, restored }: RunResult & { happened: 'stopped' },
  { promotion }: SettlementContext,
): Settlement {
  const told = promotion.stop === undefined ? summary : `${promotion.stop.reason}; ${summary}`;
  const outcome = promotion.stop === undefined ? 'aborted' : outcomeOfStop(promotion.stop);
  return { ...quiet(outcome, told), page: restored ? undefined : `what ran before does not serve again: ${summary}` };
}

function pageIfRollback({ promotion }: SettlementContext, summary: string): string | undefined {
  return promotion.kind === 'rollback' ? `the rollback did not succeed: ${summary}` : undefined;
}

function quiet(outcome: SettledOutcome, summary: string): Settlement {
  return { outcome, summary, verdict: undefined, occupies: false, rollBack: false, page: undefined, hold: true };
}

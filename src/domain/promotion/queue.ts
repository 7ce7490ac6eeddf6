/** Whose turn it is in an environment (R7, R8, R9). */
import type { PromotionId } from '../base/id.ts';
import type { EnvironmentFacts } from './facts.ts';
import type { Promotion } from './promotion.ts';

/** What the gates said about one waiting promotion; a shape, so that the queue does not know gates. */
export interface Judgement {
  readonly summary: 'open' | 'waiting' | 'closed';
}

export interface Turns<J extends Judgement> {
  /** R8: older waiting promotions that a newer one replaces. One that may not enter replaces nothing. */
  readonly superseded: readonly { readonly promotion: Promotion; readonly by: Promotion }[];
  /** Waiting promotions for which a gate has closed. */
  readonly refused: readonly { readonly promotion: Promotion; readonly judgement: J }[];
  /** The one that may start now. */
  readonly start: { readonly promotion: Promotion; readonly judgement: J } | undefined;
  readonly waiting: readonly { readonly promotion: Promotion; readonly judgement: J }[];
}

/** Judges every waiting promotion of an environment and picks at most one to start. */
export function takeTurns<J extends Judgement>(facts: EnvironmentFacts, judge: (promotion: Promotion) => J): Turns<J> {
  const waitingNow = facts.open.filter((promotion) => promotion.progress.state === 'waiting');
  const judged = inTurn(waitingNow).map((promotion) => ({ promotion, judgement: judge(promotion) }));
  const refused = judged.filter(({ judgement }) => judgement.summary === 'closed');
  const admitted = judged.filter(({ judgement }) => judgement.summary !== 'closed');
  const superseded = facts.spec.queue === 'latest' ? supersededBy(admitted.map(({ promotion }) => promotion)) : [];
  const live = admitted.filter(({ promotion }) => !superseded.some((replaced) => replaced.promotion === promotion));
  const busy = facts.open.some((promotion) => promotion.progress.state === 'running');
  const start = busy ? undefined : next(facts, live);
  return { superseded, refused, start, waiting: live.filter((entry) => entry !== start) };
}

/** Rollbacks first: going back never queues behind going forward. Then in the order requested. */
function inTurn(waitingNow: readonly Promotion[]): readonly Promotion[] {
  return [
    ...waitingNow.filter(({ kind }) => kind === 'rollback'),
    ...waitingNow.filter(({ kind }) => kind !== 'rollback'),
  ];
}

function supersededBy(waitingNow: readonly Promotion[]): Turns<Judgement>['superseded'] {
  const forward = waitingNow.filter(({ kind }) => kind === 'promotion');
  const newest = forward.at(-1);
  if (newest === undefined) return [];
  return forward.filter((promotion) => promotion !== newest).map((promotion) => ({ promotion, by: newest }));
}

/** Unless the latest takes it all, the first in line goes first, even when a later one could go at once. */
function next<J extends Judgement>(facts: EnvironmentFacts, live: readonly { promotion: Promotion; judgement: J }[]) {
  const line = live.find(({ promotion }) => promotion.kind === 'promotion');
  const inLine =
    facts.spec.queue === 'latest'
      ? live
      : live.filter((entry) => entry.promotion.kind === 'rollback' || entry === line);
  return inLine.find(({ judgement }) => judgement.summary === 'open');
}

/** R8, R42: the waiting promotion that must go before this one; `undefined` when none must. For a wish: whatever waits. */
export function aheadOf(
  facts: EnvironmentFacts,
  kind: Promotion['kind'],
  id: PromotionId | undefined,
): Promotion | undefined {
  if (facts.spec.queue === 'latest' || kind === 'rollback') return undefined;
  const first = facts.open.find(
    (promotion) => promotion.progress.state === 'waiting' && promotion.kind === 'promotion',
  );
  return first?.id === id ? undefined : first;
}

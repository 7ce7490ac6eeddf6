/** A look at a rollout, recorded: what was counted, and what was decided by it. */
import { verdictAt, type RolloutDecision } from '../../domain/rollout/decide.ts';
import type { Span } from '../../domain/rollout/judge.ts';
import { trafficOf, type Rollout } from '../../domain/rollout/rollout.ts';
import { evidenceAgainstEach } from '../../domain/verdict/comparison.ts';
import type { Instant } from '../../domain/base/time.ts';
import type { Transaction } from '../../ports/store.ts';

interface Looked {
  readonly before: Rollout;
  /** With what was counted and measured until now. */
  readonly rollout: Rollout;
  readonly span: Span | undefined;
  readonly decision: RolloutDecision;
  readonly at: Instant;
}

export async function recordLook(tx: Transaction, looked: Looked): Promise<void> {
  const at = await recordCounts(tx, looked);
  await recordVerdict(tx, { ...looked, recordedAt: at });
}

/** What was counted since the look before, under what it was counted, and how much speaks against the release now. Answers when it is kept. */
async function recordCounts(tx: Transaction, { before, rollout, span, at }: Looked): Promise<Instant> {
  if (span === undefined) return at;
  const { weight } = trafficOf(before);
  const evidence = evidenceAgainstEach(rollout.comparison);
  return tx.rollouts.recordLook(rollout.promotion, { at, span, weight, step: before.at, evidence });
}

/** With what it depended on, so that it can be computed again: its own look is the last of those that count for it. */
async function recordVerdict(
  tx: Transaction,
  { rollout, decision, at, recordedAt }: Looked & { readonly recordedAt: Instant },
): Promise<void> {
  if (decision.do === 'wait' || decision.do === 'check') return;
  if (decision.do === 'mend' || decision.do === 'revive') return;
  const { verdict, atEnd } = verdictAt(rollout, at);
  const seen = Object.fromEntries(Object.entries(rollout.tallies ?? {}).map(([metric, { turn }]) => [metric, turn]));
  const { metricsFrom } = rollout;
  const context = { at: recordedAt, step: rollout.at, decided: decision.do, atEnd, metricsFrom, seen };
  await tx.rolloutVerdicts.record(rollout.promotion, { ...context, verdict });
}

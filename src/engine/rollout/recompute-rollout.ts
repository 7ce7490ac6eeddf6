/** Computes the verdicts of a rollout anew from what is recorded of it, and says whether they are what is recorded. */
import type { Instant } from '../../domain/base/time.ts';
import {
  beginRecomputation,
  ended,
  withMeasured,
  withMore,
  type Recomputation,
  type Recomputed,
} from '../../domain/rollout/recompute.ts';
import { countOf, type Sample } from '../../domain/observation/sample.ts';
import { metricsOf } from '../../domain/rollout/metrics.ts';
import { describeStep, type Rollout } from '../../domain/rollout/rollout.ts';
import type { Comparison } from '../../domain/verdict/comparison.ts';
import type { Transaction } from '../../ports/store.ts';
import { findRollout } from '../find.ts';
import type { RecomputedView } from './rollout-views.ts';
import type { World } from '../world.ts';

/** Looks that are read at once, and measurements of one metric. */
const page = 2_000;

export async function recomputeRollout(
  world: Pick<World, 'store'>,
  asked: { project: string | undefined; environment: string; promotion?: string | undefined },
): Promise<RecomputedView> {
  return world.store.transaction(async (tx) => {
    const { promotion } = await findRollout(tx, asked);
    // Locked, so that one that goes on meanwhile is not called wrong for it.
    const { rollout } = (await tx.rollouts.lock(promotion.promotion.id))!;
    return { environment: asked.environment, promotion: rollout.promotion, ...view(rollout, await again(tx, rollout)) };
  });
}

async function again(tx: Transaction, rollout: Rollout): Promise<Recomputed> {
  const { promotion } = rollout;
  let state = await withTurnsOf(tx, beginRecomputation(rollout, await tx.rolloutVerdicts.of(promotion)));
  for (let after = 0 as Instant; ;) {
    const looks = await tx.rollouts.looks(promotion, { after, limit: page });
    state = withMore(state, looks);
    if (looks.length < page) return ended(state);
    after = looks.at(-1)!.at;
  }
}

async function withTurnsOf(tx: Transaction, begun: Recomputation): Promise<Recomputation> {
  const { promotion } = begun.rollout;
  const known = Object.fromEntries(metricsOf(begun.rollout).map(({ name }) => [name, -1]));
  for (let state = begun; ;) {
    const turns = await tx.rolloutMetrics.after(promotion, known, page);
    state = withMeasured(state, turns);
    for (const { metric, turn } of turns) known[metric] = turn;
    if (turns.length < page) return state;
  }
}

function view(rollout: Rollout, { inputs, equal, verdicts, counts, metrics, wrong }: Recomputed) {
  return {
    inputs,
    equal,
    verdicts: verdicts.map(({ recorded, computed, equal: same }) => ({
      at: recorded.at,
      step: recorded.step + 1,
      what: rollout.steps[recorded.step] === undefined ? null : describeStep(rollout.steps[recorded.step]!),
      decided: recorded.decided,
      recorded: saying(recorded.verdict),
      computed: saying(computed),
      equal: same,
    })),
    counts: { recorded: countsOf(rollout.comparison), computed: countsOf(counts.computed), equal: counts.equal },
    metrics: metrics.map(({ name, recorded, computed, equal: same }) => ({
      name,
      recorded: recorded.said,
      computed: computed.said,
      equal: same,
    })),
    wrong,
  };
}

function saying(verdict: { readonly says: string; readonly because: string } | undefined): string | null {
  return verdict === undefined ? null : `${verdict.says}${verdict.because === '' ? '' : `: ${verdict.because}`}`;
}

function countsOf({ ofNew, ofStable }: Comparison): RecomputedView['counts']['recorded'] {
  return {
    ofNew: sideCounts(ofNew),
    ofStable: sideCounts(ofStable),
  };
}

function sideCounts(sample: Sample): RecomputedView['counts']['recorded']['ofNew'] {
  const { requests, failures } = sample;
  return { requests, failures, clientErrors: countOf(sample, 'clientErrors') ?? null };
}

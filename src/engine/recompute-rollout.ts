/** Computes the verdicts of a rollout anew from what is recorded of it, and says whether they are what is recorded. */
import { Failure } from '../domain/base/failure.ts';
import type { PromotionId } from '../domain/base/id.ts';
import type { Instant } from '../domain/base/time.ts';
import { beginRecomputation, ended, withMore, type Recomputed } from '../domain/rollout/recompute.ts';
import { describeStep, type Rollout } from '../domain/rollout/rollout.ts';
import type { Comparison } from '../domain/verdict/comparison.ts';
import type { Transaction } from '../ports/store.ts';
import { findEnvironment, findProject } from './find.ts';
import type { RecomputedView } from './rollout-views.ts';
import type { World } from './world.ts';

/** Looks that are read at once. */
const page = 2_000;

export async function recomputeRollout(
  world: World,
  asked: { project: string | undefined; environment: string; promotion?: string | undefined },
): Promise<RecomputedView> {
  const found = await world.store.transaction(async (tx) => {
    const project = await findProject(tx, asked.project);
    const environment = await findEnvironment(tx, project.id, asked.environment);
    const row =
      asked.promotion === undefined
        ? await tx.rollouts.latest(environment.id)
        : await tx.rollouts.get(asked.promotion as PromotionId);
    if (row === undefined || row.environment !== environment.id)
      throw new Failure('rollout/none', `no release has entered ${asked.environment} step by step`);
    return row;
  });
  const { rollout } = found;
  const recomputed = await world.store.transaction((tx) => again(tx, rollout.promotion));
  return { environment: asked.environment, promotion: rollout.promotion, ...view(rollout, recomputed) };
}

/** In one transaction that sees one state of everything: a rollout that goes on meanwhile is not called wrong for it. */
async function again(tx: Transaction, promotion: PromotionId): Promise<Recomputed> {
  const row = (await tx.rollouts.lock(promotion))!;
  const verdicts = await tx.rolloutVerdicts.of(promotion);
  let state = beginRecomputation(row.rollout, { verdicts, turns: await tx.rolloutMetrics.of(promotion) });
  for (let after = 0 as Instant; ;) {
    const looks = await tx.rollouts.looks(promotion, { after, limit: page });
    state = withMore(state, looks);
    if (looks.length < page) return ended(state);
    after = looks.at(-1)!.at;
  }
}

function view(rollout: Rollout, { inputs, equal, verdicts, counts, wrong }: Recomputed) {
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
    wrong,
  };
}

function saying(verdict: { readonly says: string; readonly because: string } | undefined): string | null {
  return verdict === undefined ? null : `${verdict.says}${verdict.because === '' ? '' : `: ${verdict.because}`}`;
}

function countsOf({ ofNew, ofStable }: Comparison): RecomputedView['counts']['recorded'] {
  return {
    ofNew: { requests: ofNew.requests, failures: ofNew.failures },
    ofStable: { requests: ofStable.requests, failures: ofStable.failures },
  };
}

/** Waits for a promotion to end, telling what it is doing, and turns its end into an exit code. */
import type { PromotionDetailView, PromotionView } from '../api/contract/promotions.ts';
import { parseDuration } from '../domain/base/time.ts';
import { Failure } from '../domain/base/failure.ts';
import type { Client } from './client.ts';
import { span } from './text/format.ts';
import type { Invocation } from './invocation.ts';

const lookEvery = 250;
const heartbeat = 30_000;

/** 0 succeeded · 3 refused or superseded · 5 failed, errored, inconclusive, rolled back · 7 gave up · 8 waits for a person or for time. */
export async function waitFor(
  invocation: Invocation,
  client: Client,
  id: string,
): Promise<{ promotion: PromotionView; code: number }> {
  const { output, options } = invocation;
  const giveUpAt = deadline(options['timeout']);
  let said = '';
  let saidAt = Date.now();
  for (;;) {
    const promotion = await client.get<PromotionDetailView>(`/api/v1/promotions/${id}`);
    if (promotion.state === 'ended') return { promotion, code: exitCodeOf(promotion) };
    const now = describe(promotion);
    if (now !== said || Date.now() - saidAt > heartbeat) {
      output.progress(`${promotion.environment}: ${now}`);
      said = now;
      saidAt = Date.now();
    }
    if (isPatient(promotion)) return { promotion, code: 8 };
    if (Date.now() > giveUpAt) {
      throw new Failure(
        'wait/gave-up',
        `promotion ${id} is still ${promotion.state} after ${String(options['timeout'])}`,
        { hint: `liftlock why ${promotion.release.number} ${promotion.environment}` },
      );
    }
    await new Promise((resolve) => setTimeout(resolve, lookEvery));
  }
}

/** What blocks it will not go away by itself soon: somebody must act, or much time must pass. */
function isPatient(promotion: PromotionDetailView): boolean {
  if (promotion.state === 'running') return promotion.rollout?.waiting?.for === 'person';
  const blocking = promotion.answers.filter(({ answer }) => answer !== 'open');
  return blocking.some(({ waitsFor }) => waitsFor === 'person' || waitsFor === 'upstream' || waitsFor === 'time');
}

function describe(promotion: PromotionDetailView): string {
  const { rollout } = promotion;
  if (promotion.state === 'running' && !promotion.stopping && rollout !== null && promotion.phase === 'switching')
    return `${rollout.percent} %, ${rollout.because ?? rollout.what ?? rollout.state}`;
  if (promotion.state === 'running') return promotion.stopping ? 'stopping' : (promotion.phase ?? 'running');
  const blocking = promotion.answers.filter(({ answer }) => answer !== 'open').map(({ because }) => because);
  return blocking.length === 0 ? 'requested' : `waiting: ${blocking.join('; ')}`;
}

export function exitCodeOf({ outcome }: Pick<PromotionView, 'outcome'>): number {
  switch (outcome) {
    case 'succeeded':
      return 0;
    case 'refused':
    case 'superseded':
    case 'aborted':
      return 3;
    default:
      return 5;
  }
}

/** One line about how it ended. */
export function ending(promotion: PromotionView): string {
  const took =
    promotion.startedAt === null || promotion.endedAt === null
      ? ''
      : ` after ${span(promotion.endedAt - promotion.startedAt)}`;
  return `${promotion.kind} of release #${promotion.release.number} to ${promotion.environment} ${promotion.outcome}${took}${promotion.reason === null ? '' : `: ${promotion.reason}`}`;
}

/** When to give up; never without `--timeout`, whose form was checked when it was read. */
export function deadline(timeout: string | boolean | undefined): number {
  if (typeof timeout !== 'string') return Number.POSITIVE_INFINITY;
  return Date.now() + (parseDuration(timeout) ?? 0);
}

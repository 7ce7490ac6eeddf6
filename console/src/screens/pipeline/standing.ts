/** What an environment's card says first, from what the server told. One place, so that lane, list and heading agree. */
import type { EnvironmentView } from '../../../../src/api/contract/environments.ts';
import type { PromotionView } from '../../../../src/api/contract/promotions.ts';
import { called } from '../../parts/called.ts';
import { firstBlocking } from '../../parts/promotions.tsx';
import type { Tone } from '../../parts/state.tsx';

export interface Standing {
  readonly tone: Tone;
  readonly word: string;
  /** One sentence; absent when the word says all. */
  readonly reason: string | undefined;
  /** Smaller is shown first where trouble goes first. */
  readonly rank: number;
}

export function standingOf(environment: EnvironmentView): Standing {
  const { active, running, service, ailment, hold, pin, freezes, last, waiting } = environment;
  if (service?.state === 'down') return { tone: 'bad', word: 'down', reason: service.reason ?? undefined, rank: 0 };
  if (active !== null)
    return { tone: 'busy', word: active.stopping ? 'stopping' : 'deploying', reason: phaseOf(active), rank: 2 };
  if (ailment?.is === 'silent') return { tone: 'bad', word: 'does not answer', reason: saidOf(ailment), rank: 0 };
  const failed = failureOf(last);
  if (failed !== undefined && (running === null || running.promotion !== last?.id || running.verdict !== 'PASS'))
    return { tone: 'bad', word: failed.word, reason: failed.reason, rank: 1 };
  if (hold !== null) return { tone: 'wait', word: 'on hold', reason: `${called(hold.by)}: ${hold.reason}`, rank: 3 };
  if (freezes[0] !== undefined)
    return { tone: 'wait', word: 'frozen', reason: `${called(freezes[0].by)}: ${freezes[0].reason}`, rank: 3 };
  if (pin !== null) return { tone: 'wait', word: 'pinned', reason: `${called(pin.by)}: ${pin.reason}`, rank: 3 };
  const [next] = waiting;
  const blocked = next && firstBlocking(next);
  if (blocked !== undefined)
    return { tone: 'wait', word: 'waiting', reason: `release #${next!.release.number}: ${blocked.because}`, rank: 4 };
  if (running === null) return { tone: 'idle', word: 'empty', reason: 'nothing has been deployed here yet', rank: 6 };
  if (service !== null && service.reason !== null)
    return { tone: 'bad', word: 'crash-looping', reason: service.reason, rank: 1 };
  if (ailment !== null) return { tone: 'bad', word: 'unwell', reason: saidOf(ailment), rank: 1 };
  if (service !== null && service.instances.up < service.instances.wanted)
    return {
      tone: 'wait',
      word: `${service.instances.up} of ${service.instances.wanted} up`,
      reason: service.instances.because ?? undefined,
      rank: 2,
    };
  if (running.verdict === 'PASS') return { tone: 'good', word: 'verified', reason: undefined, rank: 6 };
  if (running.verdict === null) return { tone: 'idle', word: 'not verified', reason: undefined, rank: 5 };
  return {
    tone: running.verdict === 'FAIL' ? 'bad' : 'wait',
    word: running.verdict === 'FAIL' ? 'failed' : 'inconclusive',
    reason: running.verdictReason ?? undefined,
    rank: 1,
  };
}

function saidOf({ because, renewing }: NonNullable<EnvironmentView['ailment']>): string {
  return renewing ? `${because}; it is being started again` : because;
}

function phaseOf({ release, phase }: PromotionView): string {
  return `release #${release.number}: ${phase ?? 'starting'}`;
}

/** Outcomes after which somebody may want to look; superseded and aborted ones are nobody's trouble. */
function failureOf(last: PromotionView | null): { word: string; reason: string | undefined } | undefined {
  if (last === null || !['failed', 'errored', 'inconclusive', 'rolled-back'].includes(last.outcome ?? ''))
    return undefined;
  return { word: last.outcome!, reason: `release #${last.release.number}: ${last.reason ?? last.outcome}` };
}

export function gatesOf({ answers }: PromotionView): { readonly open: number; readonly all: number } {
  return { open: answers.filter(({ answer }) => answer === 'open').length, all: answers.length };
}

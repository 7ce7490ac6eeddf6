/** Rules for what requests of an environment are held to. */
import { canShareTraffic } from '../domain/pipeline/defaults.ts';
import { hasOneTime } from '../domain/pipeline/traffic-limits.ts';
import { limitsOf } from './limits-schema.ts';
import type { EnvironmentDraft } from './draft.ts';
import type { Remark } from './problem.ts';

/** Nothing is promised of requests that do not go through whoever leads them. */
export function limitsProblems({ limits, target, written }: EnvironmentDraft): readonly Remark[] {
  if (limits === undefined || (target === undefined && written.has('target'))) return [];
  if (canShareTraffic(target ?? { kind: 'process' })) return [];
  return [
    {
      path: ['limits'],
      message: 'requests of this target do not go through Liftlock, which cannot limit them',
      hint: 'remove the key',
    },
  ];
}

export function limitsWarnings({ limits, traffic }: EnvironmentDraft): readonly Remark[] {
  if (limits === undefined || traffic === undefined || !hasOneTime(traffic)) return [];
  const { answerMs, idleMs } = limitsOf(limits);
  if (answerMs === idleMs) return [];
  const both = `${traffic} has one time for answer and idle`;
  if (answerMs === undefined || idleMs === undefined) {
    const [alone, other] = answerMs === undefined ? ['idle', 'answer'] : ['answer', 'idle'];
    return [{ path: ['limits', alone], message: `${both}: this one counts for ${other} as well` }];
  }
  const [shorter, longer] = answerMs < idleMs ? ['answer', 'idle'] : ['idle', 'answer'];
  return [{ path: ['limits', shorter], message: `${both}: the longer one, ${longer}, counts for both` }];
}

/** Rules for how many instances an environment runs, what each may take, for replacing them a few at a time. */
import { limitsOf } from '../domain/rollout/replacing.ts';
import type { EnvironmentDraft } from './draft.ts';
import type { Remark } from './problem.ts';
import { rolloutOf } from './rollout-schema.ts';

export function instanceProblems(draft: EnvironmentDraft): readonly Remark[] {
  const { instances, target, written } = draft;
  if ((instances === undefined && written.has('instances')) || (target === undefined && written.has('target')))
    return [];
  return [...severalProblems(draft), ...rollingProblems(draft)];
}

/** What is refused rather than promised: nobody here holds what a command starts elsewhere. */
export function resourceProblems({ resources, target }: EnvironmentDraft): readonly Remark[] {
  if (resources === undefined || target?.kind !== 'command') return [];
  return [
    {
      path: ['resources'],
      message: 'a target of kind command starts the service itself, and Liftlock cannot limit it',
      hint: 'remove the key, and set limits where the command starts it',
    },
  ];
}

/** Several instances are refused where nobody could lead requests to them, and where the service may not run twice. */
function severalProblems({ instances = 1, target, rollout }: EnvironmentDraft): readonly Remark[] {
  if (instances === 1) return [];
  const path = ['instances'];
  if (target?.kind === 'command')
    return [{ path, message: 'a target of kind command starts its instances itself', hint: 'remove the key' }];
  if (target?.kind === 'process' && target.direct === true)
    return [
      { path, message: 'only one can listen at the port of the environment itself', hint: 'remove direct: true' },
    ];
  if (rollout === undefined || rolloutOf(rollout).strategy !== 'recreate') return [];
  return [{ path, message: 'recreate is for a service that may not run twice', hint: 'choose another strategy' }];
}

function rollingProblems({ instances = 1, rollout }: EnvironmentDraft): readonly Remark[] {
  const spec = rollout && rolloutOf(rollout);
  if (spec?.strategy !== 'rolling') return [];
  if (instances === 1)
    return [
      {
        path: typeof rollout === 'string' ? ['rollout'] : ['rollout', 'strategy'],
        message: 'rolling replaces one instance after the other, and there is only one',
        hint: 'write instances: 2 or more, or rollout: blue-green',
      },
    ];
  const { surge, unavailable } = limitsOf(spec, instances);
  if (surge + unavailable > 0) return [];
  return [
    {
      path: ['rollout', 'maxSurge'],
      message: `no instance more and none fewer than ${instances}: then none can be replaced`,
      hint: 'write maxSurge: 1',
    },
  ];
}

/** What people do to an environment, in the words of the command line. */
import type { PromotionView } from '../../../../src/api/contract/promotions.ts';
import { pathOf } from '../../api/call.ts';
import type { Action } from '../../parts/action.ts';

export interface Place {
  readonly project: string;
  readonly environment: string;
}

const of = (place: Place, verb: string) =>
  pathOf(`/api/v1/projects/{project}/environments/{environment}/${verb}`, { ...place });

export function hold(place: Place): Action {
  return {
    label: 'Hold',
    explains: `Automation stops for ${place.environment}; people may still promote.`,
    path: of(place, 'hold'),
    body: (reason) => ({ reason }),
    command: `liftlock hold ${place.environment} --reason {reason}`,
    reason: 'needed',
  };
}

export function releaseHold(place: Place): Action {
  return {
    label: 'Release hold',
    explains: `Automation goes on in ${place.environment}, and may deploy at once.`,
    path: of(place, 'release-hold'),
    body: (reason) => ({ reason }),
    command: `liftlock release-hold ${place.environment} --reason {reason}`,
    reason: 'needed',
  };
}

/** To the one that serves, unless another one is named. */
export function pin(place: Place, running?: number): Action {
  return {
    label: 'Pin',
    explains: `${place.environment} takes no other release, from automation or people, until it is unpinned.`,
    path: of(place, 'pin'),
    fields: [
      {
        name: 'release',
        label: 'To release',
        is: 'line',
        begins: running === undefined ? '' : String(running),
        needed: true,
      },
    ],
    body: (reason, { release }) => ({ release, reason }),
    command: `liftlock pin ${place.environment} {release} --reason {reason}`,
    reason: 'needed',
  };
}

export function unpin(place: Place): Action {
  return {
    label: 'Unpin',
    explains: `${place.environment} takes other releases again.`,
    path: of(place, 'unpin'),
    body: (reason) => ({ reason }),
    command: `liftlock unpin ${place.environment} --reason {reason}`,
    reason: 'needed',
  };
}

export function reverify(place: Place): Action {
  return {
    label: 'Verify again',
    explains: `The verification of ${place.environment} runs against what serves now. A failure takes back what was verified.`,
    path: of(place, 'verify'),
    body: () => ({}),
    command: `liftlock reverify ${place.environment}`,
    reason: 'none',
  };
}

export function rollBack(place: Place, to: number): Action {
  return {
    label: `Roll back to #${to}`,
    explains: `Release #${to}, verified here before, serves again with the settings it had; automation then rests.`,
    path: of(place, 'rollback'),
    body: (reason) => ({ to: String(to), reason }),
    command: `liftlock rollback ${place.environment} --to ${to} --reason {reason}`,
    reason: 'needed',
    primary: true,
  };
}

export function abort(project: string, { id, release, state }: PromotionView): Action {
  return {
    label: `Abort #${release.number}`,
    explains:
      state === 'waiting'
        ? 'It is withdrawn.'
        : 'It stops at once, and what ran before serves again if it was replaced.',
    path: pathOf('/api/v1/promotions/{promotion}/abort', { project, promotion: id }),
    body: (reason) => ({ reason }),
    command: `liftlock abort ${id} --reason {reason}`,
    reason: 'needed',
  };
}

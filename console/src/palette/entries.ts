import type { EnvironmentView } from '../../../src/api/contract/environments.ts';
import type { ReleaseView } from '../../../src/api/contract/releases.ts';
import type { Action } from '../parts/action.ts';
import { abort, hold, releaseHold, reverify } from '../screens/environment/actions.ts';

export type Entry = { readonly name: string; readonly kind: string } & (
  | { readonly to: string }
  | { readonly action: Action }
);

export function entriesOf(
  project: string | undefined,
  environments: readonly EnvironmentView[],
  releases: readonly ReleaseView[],
): readonly Entry[] {
  const screens = [
    { name: 'Notifications and channels', kind: 'screen', to: '/notifications' },
    { name: 'Audit', kind: 'screen', to: '/audit' },
    { name: 'People and signers', kind: 'screen', to: '/people' },
    { name: 'You: passkeys and tokens', kind: 'screen', to: '/you' },
    { name: 'Access', kind: 'screen', to: '/access' },
    { name: 'Setup', kind: 'screen', to: '/setup' },
  ];
  if (project === undefined) return screens;
  const base = `/p/${encodeURIComponent(project)}`;
  return [
    ...environments.map(({ name }) => ({ name, kind: 'environment', to: `${base}/environments/${name}` })),
    ...environments.flatMap((environment) => actionsOf(project, environment)),
    { name: 'Pipeline', kind: 'screen', to: base },
    { name: 'Pipeline file and proposals', kind: 'screen', to: `${base}/file` },
    { name: 'Controls: freezes, holds, pins, vetoes', kind: 'screen', to: `${base}/controls` },
    { name: 'Emergency: break-glass and follow-ups', kind: 'screen', to: `${base}/emergency` },
    ...screens,
    ...releases.map(({ number, title }) => ({
      name: `#${number} ${title}`,
      kind: 'release',
      to: `${base}/releases/${number}`,
    })),
  ];
}

function actionsOf(project: string, environment: EnvironmentView): readonly Entry[] {
  const place = { project, environment: environment.name };
  const held = environment.hold === null ? hold(place) : releaseHold(place);
  const open = [...(environment.active === null ? [] : [environment.active]), ...environment.waiting];
  return [
    { name: `Roll back ${environment.name}…`, kind: 'action', to: `${backOf(project, environment.name)}` },
    { name: `${held.label}: ${environment.name}`, kind: 'action', action: held },
    ...(environment.running === null
      ? []
      : [{ name: `Verify again: ${environment.name}`, kind: 'action', action: reverify(place) }]),
    ...open.map((promotion) => ({
      name: `Abort #${promotion.release.number} in ${environment.name}`,
      kind: 'action',
      action: abort(project, promotion),
    })),
  ];
}

/** Where it is chosen what to go back to. */
function backOf(project: string, environment: string): string {
  return `/p/${encodeURIComponent(project)}/environments/${encodeURIComponent(environment)}`;
}

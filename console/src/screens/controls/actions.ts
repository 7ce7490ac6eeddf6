/** What people set to stop or steer automation, in the words of the command line. */
import type { FreezeView } from '../../../../src/api/contract/freezes.ts';
import type { VetoView } from '../../../../src/api/contract/releases.ts';
import { pathOf } from '../../api/call.ts';
import { quoted, type Action, type Given } from '../../parts/action.ts';
import { listOf, option, orDots } from '../../parts/filled.ts';
import type { Place } from '../environment/actions.ts';

const wholeProject = 'the whole project';
const everything = 'every project';

/** Of one environment, or asked which when none is given. */
export function freeze(project: string, environments: readonly string[]): Action {
  return {
    label: 'Freeze',
    explains: 'While it lasts nothing is deployed there, by automation or by people.',
    path: '/api/v1/freezes',
    fields: [
      {
        name: 'where',
        label: 'What',
        is: 'choice',
        choices: environments.length === 1 ? environments : [...environments, wholeProject, everything],
      },
      { name: 'from', label: 'From', is: 'time', hint: 'Empty: at once.' },
      { name: 'until', label: 'Until', is: 'time', hint: 'Empty: until somebody lifts it.' },
      {
        name: 'exempt',
        label: 'What it does not stop',
        is: 'several',
        choices: ['rollback', 'break-glass'],
        begins: 'rollback,break-glass',
        hint: 'Without rollback the way back is shut, too.',
      },
    ],
    body: (reason, { where = '', from = '', until = '', exempt = '' }) => ({
      ...(where === everything ? { everything: true } : { project }),
      ...(where === everything || where === wholeProject ? {} : { environment: where }),
      ...(from === '' ? {} : { from: Date.parse(from) }),
      ...(until === '' ? {} : { until: Date.parse(until) }),
      exempt: listOf(exempt),
      reason,
    }),
    command: ({ where = '', from, until, exempt = '', reason }: Given) =>
      [
        where === everything ? 'liftlock freeze' : `liftlock -p ${quoted(project)} freeze`,
        ...(where === everything ? ['--everything'] : where === wholeProject ? [] : [where]),
        ...option('from', from),
        ...option('until', until),
        ...(exempt === 'rollback,break-glass' ? [] : [`--exempt ${exempt === '' ? 'none' : exempt}`]),
        `--reason ${orDots(reason)}`,
      ].join(' '),
    reason: 'needed',
  };
}

export function liftFreeze({ id, environment, project, inForce }: FreezeView): Action {
  const what = environment ?? project ?? 'Every project';
  return {
    label: inForce ? 'Lift' : 'Call off',
    explains: inForce
      ? `${what} takes releases again, and automation goes on at once.`
      : `${what} is not going to be frozen.`,
    path: pathOf('/api/v1/freezes/{freeze}/lift', { freeze: id }),
    body: (reason) => ({ reason }),
    command: `liftlock freeze --lift ${id} --reason {reason}`,
    reason: 'needed',
  };
}

const everywhere = 'every environment';

export function veto(project: string, environments: readonly string[], release?: number): Action {
  const pathFor = ({ release: named = '' }: Given) =>
    pathOf('/api/v1/projects/{project}/releases/{release}/veto', {
      project,
      release: release === undefined ? named.replace(/^#/, '') : String(release),
    });
  return {
    label: 'Veto',
    explains: `${release === undefined ? 'The release' : `Release #${release}`} is marked bad: it enters nothing any more, and stops where it is being deployed. Where it serves, it goes on serving until somebody goes back.`,
    path: pathFor({}),
    pathFor,
    fields: [
      ...(release === undefined
        ? [{ name: 'release', label: 'Release, such as 12', is: 'line', needed: true } as const]
        : []),
      { name: 'environment', label: 'Where', is: 'choice', choices: [everywhere, ...environments] },
    ],
    body: (reason, { environment = '' }) => ({ reason, ...(environment === everywhere ? {} : { environment }) }),
    command: ({ release: named = '', environment = '', reason }: Given) =>
      `liftlock veto ${release ?? (named === '' ? '…' : named.replace(/^#/, ''))}${environment === everywhere ? '' : ` ${environment}`} --reason ${orDots(reason)}`,
    reason: 'needed',
  };
}

export function liftVeto(project: string, { release, environment }: VetoView): Action {
  return {
    label: 'Lift',
    explains: `Release #${release.number} may be chosen again ${environment === null ? 'everywhere' : `for ${environment}`}.`,
    path: pathOf('/api/v1/projects/{project}/releases/{release}/lift-veto', {
      project,
      release: String(release.number),
    }),
    body: (reason) => ({ reason, ...(environment === null ? {} : { environment }) }),
    command: `liftlock veto ${release.number}${environment === null ? '' : ` ${environment}`} --lift --reason {reason}`,
    reason: 'needed',
  };
}

export function stopRetired({ project, environment }: Place): Action {
  return {
    label: `Stop ${environment}`,
    explains: `What still runs in ${environment}, which is no longer in the pipeline, ends. Nothing takes its place.`,
    path: pathOf('/api/v1/projects/{project}/environments/{environment}/stop', { project, environment }),
    body: (reason) => ({ reason }),
    command: `liftlock stop ${environment} --reason {reason}`,
    reason: 'needed',
    grave: true,
  };
}

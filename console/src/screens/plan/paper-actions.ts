/** What people say about a release before it goes on, in the words of the command line. */
import type { NotesView } from '../../../../src/api/contract/changes.ts';
import type { PlanView } from '../../../../src/api/contract/explanations.ts';
import type { ReviewableView } from '../../../../src/api/contract/reviews.ts';
import { pathOf } from '../../api/call.ts';
import type { Action, Given } from '../../parts/action.ts';
import { bytesOf, listOf, option, orDots } from '../../parts/filled.ts';

const within = (project: string, environment: string, verb: string) =>
  pathOf(`/api/v1/projects/{project}/environments/{environment}/${verb}`, { project, environment });

export function review(project: string, { release, environment, commits }: ReviewableView, approves: boolean): Action {
  const ids = new Map(commits.map(({ id }) => [id.slice(0, 10), id]));
  const decision = approves ? 'approve' : 'request-changes';
  return {
    label: approves ? 'Approve commits' : 'Request changes',
    explains: approves
      ? 'You have read these commits and they may go on. For those that you wrote it does not count.'
      : 'These commits may not go on until you approve them.',
    path: pathOf('/api/v1/projects/{project}/reviews', { project }),
    fields: [
      {
        name: 'commits',
        label: 'Commits',
        is: 'several',
        choices: [...ids.keys()],
        begins: [...ids.keys()].join(','),
        needed: true,
      },
    ],
    body: (reason, { commits: chosen }) => ({
      commits: listOf(chosen).flatMap((one) => ids.get(one) ?? []),
      decision,
      reason,
    }),
    command: `liftlock review ${release.number} --environment ${environment} --${decision} --reason {reason}`,
    reason: 'needed',
  };
}

export function signOff(project: string, release: number, places: readonly string[]): Action {
  return {
    label: 'Sign off',
    explains: `You say as QA whether release #${release}, tried where you say, may go on. It is recorded as evidence that nobody else can make.`,
    path: '',
    pathFor: ({ environment = '' }) => within(project, environment, 'sign-off'),
    fields: [
      { name: 'environment', label: 'Tried in', is: 'choice', choices: places },
      { name: 'verdict', label: 'It', is: 'choice', choices: ['PASS', 'FAIL'], hint: 'FAIL: it may not go on.' },
    ],
    body: (reason, { verdict }) => ({ release: String(release), verdict, reason }),
    command: ({ environment = '', verdict, reason }: Given) =>
      `liftlock sign-off ${release} ${environment}${verdict === 'FAIL' ? ' --refuse' : ''} --reason ${orDots(reason)}`,
    reason: 'needed',
  };
}

export function writeNotes(project: string, notes: NotesView): Action {
  const { release, environment } = notes;
  return {
    label: 'Write the notes',
    explains: `Your words take the place of what stands there. They have to be accepted again before ${environment} opens.`,
    path: within(project, environment, 'notes'),
    fields: [{ name: 'body', label: 'Release notes (Markdown)', is: 'lines', begins: notes.body, needed: true }],
    body: (_, { body }) => ({ release: String(release), body }),
    command: `liftlock notes edit ${release} ${environment} --file NOTES.md`,
    reason: 'none',
  };
}

export function acceptNotes(project: string, { release, environment, digest }: NotesView): Action {
  return {
    label: 'Accept the notes',
    explains: `You have read these notes, and they may go with release #${release} into ${environment}. Another text would have to be accepted again.`,
    path: within(project, environment, 'accept-notes'),
    body: () => ({ release: String(release), digest }),
    command: `liftlock notes accept ${release} ${environment} --digest ${digest}`,
    reason: 'none',
    primary: true,
  };
}

export function acceptPlan(project: string, { release, environment, planHash }: PlanView): Action {
  return {
    label: 'Accept the plan',
    explains: `You have read what would change in ${environment}. Any change to the plan voids this.`,
    path: within(project, environment, 'accept-plan'),
    body: (reason) => ({ release: String(release.number), planHash, ...(reason === '' ? {} : { reason }) }),
    command: `liftlock plan ${release.number} ${environment} --accept --reason {reason}`,
    reason: 'welcome',
    primary: true,
  };
}

export function suppress(project: string): Action {
  return {
    label: 'Answer for a finding',
    explains:
      'The finding stops blocking until the time you give, at most a year. Your name and your reason stand by it.',
    path: pathOf('/api/v1/projects/{project}/suppressions', { project }),
    fields: [
      { name: 'finding', label: 'Finding, as the report names it', is: 'line', needed: true },
      { name: 'until', label: 'Until', is: 'time', needed: true },
    ],
    body: (reason, { finding, until = '' }) => ({ finding, until: Date.parse(until), reason }),
    command: 'liftlock suppress {finding} --until {until} --reason {reason}',
    reason: 'needed',
  };
}

export function liftSuppression(project: string, finding: string): Action {
  return {
    label: 'Lift',
    explains: `Nobody answers for ${finding} any more: it blocks again.`,
    path: pathOf('/api/v1/projects/{project}/lift-suppression', { project }),
    body: (reason) => ({ finding, reason }),
    command: `liftlock suppress ${finding} --lift --reason {reason}`,
    reason: 'needed',
  };
}

/** The file goes as it is: its digest is what is kept. */
export function addEvidence(project: string, release: number): Action {
  const path = pathOf('/api/v1/projects/{project}/releases/{release}/evidence', { project, release: String(release) });
  return {
    label: 'Add a report',
    explains:
      'A report of a tool (JUnit, SARIF, npm audit, Trivy, OSV, CycloneDX, SPDX, k6, autocannon) or a signed statement. What nobody signed counts as claimed.',
    path,
    fields: [
      { name: 'file', label: 'File', is: 'file', needed: true },
      { name: 'name', label: 'Name', is: 'line', hint: 'Tells results of one kind apart.' },
      { name: 'environment', label: 'Found out in', is: 'line', hint: 'Empty: about the artifact anywhere.' },
    ],
    pathFor: ({ name = '', environment = '' }) => {
      const query = new URLSearchParams([
        ...(name === '' ? [] : [['name', name]]),
        ...(environment === '' ? [] : [['environment', environment]]),
      ]).toString();
      return query === '' ? path : `${path}?${query}`;
    },
    body: (_, { file }) => bytesOf(file),
    command: ({ name, environment }: Given) =>
      [`liftlock evidence add ${release} FILE`, ...option('name', name), ...option('env', environment)].join(' '),
    reason: 'none',
  };
}

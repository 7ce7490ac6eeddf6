import type { BreakGlassView, FollowUpView } from '../../../../src/api/contract/break-glass.ts';
import { pathOf } from '../../api/call.ts';
import type { Pair } from '../../api/queries.ts';
import type { Action } from '../../parts/action.ts';
import { listOf, orDots } from '../../parts/filled.ts';

const lengths = ['1h', '15m', '4h', '12h', '24h'] as const;
const hourMs = 3_600_000;
const milliseconds: Readonly<Record<string, number>> = {
  '15m': hourMs / 4,
  '1h': hourMs,
  '4h': 4 * hourMs,
  '12h': 12 * hourMs,
  '24h': 24 * hourMs,
};

/** Nothing is chosen beforehand: whoever passes a gate names it. */
export function requestBreakGlass(project: string, pair: Pair, gates: readonly string[]): Action {
  const { release, environment } = pair;
  return {
    label: 'Ask for break-glass',
    explains: `You ask to pass these gates for release #${release} in ${environment}, once. Nothing is passed before a second person confirms it. Everybody is told, and somebody has to look back at it within three days.`,
    path: pathOf('/api/v1/projects/{project}/environments/{environment}/break-glass', { project, environment }),
    fields: [
      { name: 'gates', label: 'Gates to pass, and no other', is: 'several', choices: gates, needed: true },
      { name: 'incident', label: 'Address at which the emergency is written down', is: 'line', needed: true },
      { name: 'expires', label: 'Good for', is: 'choice', choices: lengths },
    ],
    body: (reason, { gates: named, incident, expires = '' }) => ({
      release,
      gates: listOf(named),
      reason,
      incident,
      expiresIn: milliseconds[expires],
    }),
    command: ({ gates: named, incident, expires = '', reason }) =>
      `liftlock break-glass request ${release} ${environment} --gates ${orDots(named)} --incident ${orDots(incident)} --expires ${expires} --reason ${orDots(reason)}`,
    reason: 'needed',
    grave: true,
  };
}

export function confirmBreakGlass(project: string, glass: BreakGlassView): Action {
  const { id, environment, release, gates, requestedBy, reason } = glass;
  return {
    label: 'Confirm as the second person',
    explains: `${requestedBy} asks to pass ${gates.join(', ')} for release #${release.number} in ${environment}: ${reason}. When you confirm, what waits for them goes on at once.`,
    path: pathOf('/api/v1/projects/{project}/environments/{environment}/break-glass/confirm', { project, environment }),
    body: () => ({ breakGlass: id }),
    command: `liftlock break-glass confirm ${id}`,
    reason: 'none',
    fields: [
      { name: 'seen', label: `I have looked at ${glass.incident} and answer for this, too`, is: 'yes', needed: true },
    ],
    grave: true,
  };
}

export function closeFollowUp(project: string, { id }: FollowUpView): Action {
  return {
    label: 'Close the follow-up',
    explains: 'What was learnt is recorded. While a follow-up is overdue, production takes nothing but emergencies.',
    path: pathOf('/api/v1/projects/{project}/follow-ups/close', { project }),
    fields: [{ name: 'conclusion', label: 'What was learnt; it is recorded', is: 'lines', needed: true }],
    body: (_, { conclusion = '' }) => ({ followUp: id, conclusion: conclusion.trim() }),
    command: `liftlock follow-up close ${id} --conclusion {conclusion}`,
    reason: 'none',
  };
}

/**
 * What somebody who was woken needs, in this order: what is wrong and where; what the system is already doing; whether going back
 * is safe; what changed; and how old this is.
 */
import { Link } from 'wouter';
import type { EnvironmentView, StatusView } from '../../../../src/api/contract/environments.ts';
import { State } from '../../parts/state.tsx';
import { standingOf } from './standing.ts';

export function Headline({ status }: { readonly status: StatusView }) {
  const troubled = status.environments
    .map((environment) => ({ environment, standing: standingOf(environment) }))
    .filter(({ standing }) => standing.tone === 'bad')
    .toSorted((left, right) => weight(right.environment) - weight(left.environment));
  const waiting = status.environments.filter(({ waiting: open }) => open.length > 0).length;
  if (status.source.error !== null && troubled.length === 0)
    return (
      <p className="headline wait" role="status">
        <State tone="wait" word="repository" /> cannot be reached: {status.source.error}
      </p>
    );
  if (troubled.length === 0)
    return (
      <p className="headline good" role="status">
        <State tone="good" word="all well" />
        {waiting === 0
          ? ' Nothing waits.'
          : ` ${waiting} ${waiting === 1 ? 'environment has' : 'environments have'} something waiting.`}
      </p>
    );
  return (
    <ul className="headline bad stack" role="status">
      {troubled.map(({ environment, standing }) => (
        <li key={environment.name} className="stack">
          <p>
            <State tone="bad" word={standing.word} />{' '}
            <Link href={`/p/${status.project}/environments/${environment.name}`}>{environment.name}</Link>
            {environment.running === null ? '' : `, release #${environment.running.release.number} serves`}:{' '}
            {standing.reason}
          </p>
          <p>{doing(environment)}</p>
          <p>{wayBack(environment)}</p>
        </li>
      ))}
    </ul>
  );
}

/** Where users are hurts most. */
function weight({ kind }: EnvironmentView): number {
  return { production: 6, 'disaster-recovery': 5, staging: 4, qa: 3, testing: 2, ci: 1, development: 0 }[kind];
}

function doing({ active, hold, last }: EnvironmentView): string {
  if (active?.kind === 'rollback')
    return `Already going back to release #${active.release.number}: ${active.phase ?? 'starting'}.`;
  if (active !== null) return `Release #${active.release.number} is being deployed: ${active.phase ?? 'starting'}.`;
  if (last?.outcome === 'rolled-back') return 'It was rolled back by itself; nothing is under way.';
  if (hold !== null) return `Automation rests (${hold.reason}); a person has to decide.`;
  return 'Nothing is under way.';
}

function wayBack({ running, active }: EnvironmentView): string {
  if (active?.kind === 'rollback') return '';
  return running === null ? 'There is nothing to go back from.' : 'Going back: open the environment, then “Roll back”.';
}

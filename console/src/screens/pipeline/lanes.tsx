/** The environments in the order of promotion, what comes to each of them next, and those beside each other that are as far. */
import { memo } from 'react';
import { Link } from 'wouter';
import type { EnvironmentView, StatusView } from '../../../../src/api/contract/environments.ts';
import type { ArrivalView } from '../../../../src/api/contract/flow.ts';
import { useArrivals } from '../../api/flow.ts';
import { Ago } from '../../parts/ago.tsx';
import { State, type Tone } from '../../parts/state.tsx';
import { EnvironmentCard } from './environment-card.tsx';
import { columnsOf } from './columns.ts';
import { standingOf } from './standing.ts';

/** More lanes than this do not fit side by side in any window: then it is a list. */
const mostLanes = 12;

export function Lanes({ status: { environments, project } }: { readonly status: StatusView }) {
  const { data } = useArrivals(project);
  const coming = new Map(data?.arrivals.map((one) => [one.environment, one]));
  const lane = (environment: EnvironmentView) => (
    <li key={environment.name} data-rank={standingOf(environment).rank}>
      <Arrow project={project} environment={environment} arrival={coming.get(environment.name)} />
      <EnvironmentCard project={project} environment={environment} />
    </li>
  );
  if (environments.length > mostLanes)
    return (
      <ol className="lanes list" aria-label="Environments, trouble first">
        {environments.toSorted((left, right) => standingOf(left).rank - standingOf(right).rank).map(lane)}
      </ol>
    );
  return (
    <ol className="lanes" aria-label="Environments, in promotion order">
      {columnsOf(environments).map((column) => (
        <li key={column[0]?.name} className="column">
          <ol>{column.map(lane)}</ol>
        </li>
      ))}
    </ol>
  );
}

const tones: Readonly<Record<ArrivalView['is'], Tone>> = {
  deploying: 'busy',
  automatic: 'busy',
  ready: 'good',
  blocked: 'wait',
};

/** What lies between this environment and those before it. */
const Arrow = memo(function Arrow({
  project,
  environment: { name, after },
  arrival,
}: {
  readonly project: string;
  readonly environment: EnvironmentView;
  readonly arrival: ArrivalView | undefined;
}) {
  const from = after.length === 0 ? 'from the repository' : `after ${after.join(' and ')}`;
  return (
    <div className="arrow small">
      <span className="quiet">{from}</span>
      {arrival === undefined ? null : (
        <p>
          <Link href={`/p/${encodeURIComponent(project)}/plan/${arrival.release.number}/${encodeURIComponent(name)}`}>
            #{arrival.release.number}
          </Link>{' '}
          <State tone={tones[arrival.is]} word={arrival.is} /> <Reason arrival={arrival} />
        </p>
      )}
    </div>
  );
});

function Reason({ arrival: { is, at, because } }: { readonly arrival: ArrivalView }) {
  if (is === 'automatic')
    return at === null || at <= Date.now() ? (
      <span className="quiet">at once</span>
    ) : (
      <span className="quiet">
        <Ago at={at} />: {because}
      </span>
    );
  return is === 'deploying' ? null : <span className="quiet">{because}</span>;
}

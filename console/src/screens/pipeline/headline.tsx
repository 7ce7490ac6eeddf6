/**
 * What somebody who was woken needs, in this order: what is wrong, where, and for how many requests; what the system is already
 * doing; whether going back is safe and how long it takes; what changed; new against old; who is on it; and how old this is.
 */
import type { EnvironmentView, StatusView } from '../../../../src/api/contract/environments.ts';
import { Ago } from '../../parts/ago.tsx';
import { State } from '../../parts/state.tsx';
import { Alarm } from './alarm.tsx';
import { standingOf } from './standing.ts';

export function Headline({ status }: { readonly status: StatusView }) {
  const troubled = status.environments
    .filter((environment) => standingOf(environment).tone === 'bad')
    .toSorted((left, right) => weight(right) - weight(left));
  if (troubled.length > 0)
    return (
      <section className="stack" aria-label="What is wrong">
        {troubled.slice(0, 3).map((environment) => (
          <Alarm key={environment.name} status={status} environment={environment} />
        ))}
        {troubled.length > 3 ? (
          <p className="headline bad">and {troubled.length - 3} more environments in trouble, below.</p>
        ) : null}
      </section>
    );
  return (
    <p className={`headline ${status.source.error === null ? 'good' : 'wait'}`} role="status">
      <Calm status={status} />{' '}
      <span className="quiet small">
        As of <Ago at={status.at} />.
      </span>
    </p>
  );
}

function Calm({ status: { source, environments } }: { readonly status: StatusView }) {
  if (source.error !== null)
    return (
      <>
        <State tone="wait" word="repository" /> It cannot be reached: {source.error}.
      </>
    );
  const waiting = environments.filter(({ waiting: open }) => open.length > 0).length;
  return (
    <>
      <State tone="good" word="all well" />
      {waiting === 0
        ? ' Nothing waits.'
        : ` ${waiting} ${waiting === 1 ? 'environment has' : 'environments have'} something waiting.`}
    </>
  );
}

/** Where users are hurts most. */
function weight({ kind }: EnvironmentView): number {
  return { production: 6, 'disaster-recovery': 5, staging: 4, qa: 3, testing: 2, ci: 1, development: 0 }[kind];
}

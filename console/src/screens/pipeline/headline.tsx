/**
 * What somebody who was woken needs, in this order: what is wrong, where, and for how many requests; what the system is already
 * doing; whether going back is safe and how long it takes; what changed; new against old; who is on it; and how old this is.
 */
import { Link } from 'wouter';
import type { EnvironmentView, StatusView } from '../../../../src/api/contract/environments.ts';
import { Ago } from '../../parts/ago.tsx';
import { firstBlocking } from '../../parts/promotions.tsx';
import { State, type Tone } from '../../parts/state.tsx';
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
    <p className={`headline ${toneOf(status)}`} role="status">
      <Calm status={status} />{' '}
      <span className="quiet small">
        As of <Ago at={status.at} />.
      </span>
    </p>
  );
}

function toneOf({ source, newest }: StatusView): Tone {
  if (source.error !== null) return 'wait';
  return newest === null ? 'idle' : 'good';
}

function Calm({ status: { project, source, environments, builds, newest } }: { readonly status: StatusView }) {
  if (source.error !== null)
    return (
      <>
        <State tone="wait" word="repository" /> It cannot be reached: {source.error}.
      </>
    );
  if (newest === null)
    return (
      <>
        <State tone="idle" word="nothing yet" />{' '}
        {builds.length > 0 ? (
          `The first release ${builds.some(({ state }) => state === 'waiting' || state === 'running') ? 'is being built' : 'could not be built'}, below.`
        ) : (
          <>
            Nothing was built, so nothing serves. The first commit that a trigger names becomes the first release;{' '}
            <code>liftlock notify</code> has the repository looked at now. <Link href="/setup">First steps</Link>
          </>
        )}
      </>
    );
  const waiting = environments.filter(({ waiting: open }) => open.length > 0);
  return (
    <>
      <State tone="good" word="all well" />
      {waiting.length === 0 ? ' Nothing waits.' : null}
      {waiting.length > 3 ? ` ${waiting.length} environments have something waiting.` : null}
      {waiting.length > 3
        ? null
        : waiting.map((environment) => <Waits key={environment.name} project={project} environment={environment} />)}
    </>
  );
}

/** What is next there, and for what or whom it waits. */
function Waits({
  project,
  environment: { name, waiting },
}: {
  readonly project: string;
  readonly environment: EnvironmentView;
}) {
  const [next] = waiting;
  const because = next && firstBlocking(next)?.because;
  return (
    <>
      {' '}
      <Link href={`/p/${encodeURIComponent(project)}/plan/${next!.release.number}/${encodeURIComponent(name)}`}>
        #{next!.release.number} waits for {name}
      </Link>
      {because === undefined ? '.' : `: ${because}.`}
    </>
  );
}

/** Where users are hurts most. */
function weight({ kind }: EnvironmentView): number {
  return { production: 6, 'disaster-recovery': 5, staging: 4, qa: 3, testing: 2, ci: 1, development: 0 }[kind];
}

/** A release that takes over step by step: how far it is, the new one against the old one, and what a person can do. */
import { Suspense } from 'react';
import { Link } from 'wouter';
import type { RolloutView } from '../../../../src/api/contract/rollouts.ts';
import { pathOf } from '../../api/call.ts';
import { useRollbackTargets, useRollout, useStatus } from '../../api/queries.ts';
import { useSeries } from '../../api/series.ts';
import { Act } from '../../parts/act.tsx';
import type { Action } from '../../parts/action.ts';
import { Ago, Countdown } from '../../parts/ago.tsx';
import { later } from '../../parts/later.tsx';
import { Shown } from '../../parts/shown.tsx';
import { State, type Tone } from '../../parts/state.tsx';
import { Loading } from '../../parts/trouble.tsx';
import { abort, rollBack } from '../environment/actions.ts';
import { Brings } from './brings.tsx';
import { Comparison } from './comparison.tsx';
import { Steps } from './steps.tsx';
import './rollout.css';

/** What draws is loaded with the first chart. */
const Course = later(() => import('./course.tsx'));

const tones: Readonly<Record<RolloutView['state'], Tone>> = {
  going: 'busy',
  paused: 'wait',
  finished: 'good',
  returned: 'bad',
};

export default function Rollout({ project, environment }: { readonly project: string; readonly environment: string }) {
  const rollout = useRollout(project, environment);
  return (
    <Shown query={rollout} what="the rollout" heading={`Rollout in ${environment}`}>
      {(data) => <Known project={project} rollout={data} />}
    </Shown>
  );
}

function Known({ project, rollout }: { readonly project: string; readonly rollout: RolloutView }) {
  const series = useSeries(project, rollout.environment);
  return (
    <div className="stack">
      <Now project={project} rollout={rollout} />
      <Suspense fallback={<Loading what="the chart" />}>
        <Course rollout={rollout} series={series} />
      </Suspense>
      <Steps rollout={rollout} points={series.data?.points ?? []} />
      <Comparison rollout={rollout} />
      <Brings project={project} rollout={rollout} />
    </div>
  );
}

function Now({ project, rollout }: { readonly project: string; readonly rollout: RolloutView }) {
  const { environment, release, stable, state, judgement } = rollout;
  const base = `/p/${encodeURIComponent(project)}`;
  return (
    <section className="sheet stack" aria-labelledby="rollout">
      <div className="row">
        <h1 id="rollout">
          <Link href={`${base}/environments/${encodeURIComponent(environment)}`}>{environment}</Link>: #{release.number}{' '}
          {took(rollout)}
          {stable === null ? '' : ` from #${stable.number}`}
        </h1>
        <State tone={tones[state]} word={state} />
      </div>
      <svg className="share" viewBox="0 0 100 4" preserveAspectRatio="none" role="img" aria-label={shareOf(rollout)}>
        <rect className="old" width="100" height="4" />
        <rect className="new" width={rollout.percent} height="4" />
      </svg>
      <p>
        <strong>{shareOf(rollout)}</strong>; {rollout.strategy}, begun <Ago at={rollout.startedAt} />.
        {rollout.because === null ? '' : ` ${rollout.because}.`}
      </p>
      <Next rollout={rollout} />
      {judgement === null || !rollout.running ? null : (
        <p className={judgement.says === 'worse' ? 'refused' : ''}>So far: {judgement.because}.</p>
      )}
      <Controls project={project} rollout={rollout} />
    </section>
  );
}

function took({ state, running }: RolloutView): string {
  if (state === 'returned') return 'did not take over';
  return running ? 'takes over' : 'took over';
}

function shareOf({ percent, release, groups }: RolloutView): string {
  return `${percent} % of requests go to #${release.number}${groups.length === 0 ? '' : `, and all of ${groups.join(', ')}`}`;
}

const awaited = { time: 'its time', data: 'requests', person: 'a person' } as const;

/** What it waits for, and what comes then. */
function Next({ rollout: { waiting, running, steps, step } }: { readonly rollout: RolloutView }) {
  if (!running || waiting === null) return null;
  const next = steps[step];
  const then = next === undefined ? 'all requests go to the new release' : `step ${step + 1}: ${next.what}`;
  return (
    <p>
      It waits for {awaited[waiting.for]}: {waiting.because}.{' '}
      {waiting.until === null ? (
        'Nothing changes until somebody continues it.'
      ) : (
        <>
          <strong>
            <Countdown at={waiting.until} />
          </strong>{' '}
          {waiting.for === 'data' ? 'until it pauses for want of requests' : `until ${then}`}.
        </>
      )}
    </p>
  );
}

/** Whatever is not possible now the server refuses, and says why. */
function Controls({ project, rollout }: { readonly project: string; readonly rollout: RolloutView }) {
  const { environment } = rollout;
  const status = useStatus(project);
  const active = status.data?.environments.find(({ name }) => name === environment)?.active;
  const steer = (verb: string, label: string, explains: string): Action => ({
    label,
    explains,
    path: pathOf(`/api/v1/projects/{project}/environments/{environment}/rollout/${verb}`, { project, environment }),
    body: (reason) => (reason === '' ? {} : { reason }),
    command: `liftlock rollout ${verb} ${environment} --reason {reason}`,
    reason: 'welcome',
  });
  const waitsForPerson = rollout.state === 'paused' || rollout.waiting?.for === 'person';
  if (!rollout.running) return <Over project={project} rollout={rollout} />;
  return (
    <div className="row">
      {waitsForPerson ? (
        <Act
          action={{
            ...steer('resume', 'Continue', 'The next step begins; what somebody paused goes on from where it was.'),
            primary: true,
          }}
        />
      ) : (
        <Act
          action={steer('pause', 'Pause', 'The share stays as it is until it is continued; it is judged all the same.')}
        />
      )}
      <Act action={steer('skip', 'Skip this step', 'The next step begins at once.')} />
      <Act
        action={steer('promote', 'Take over now', 'All requests go to the new release; the steps left are left out.')}
      />
      {active === null || active === undefined ? null : <Act action={abort(project, active)} />}
    </div>
  );
}

/** The way back from a release that has taken over. */
function Over({ project, rollout }: { readonly project: string; readonly rollout: RolloutView }) {
  const { environment, release, outcome, state } = rollout;
  const { data } = useRollbackTargets(project, environment);
  const target = data?.targets[0];
  return (
    <div className="row">
      <span className="quiet">It is over: {outcome ?? state}.</span>
      {outcome !== 'succeeded' || data === undefined ? null : target === undefined ? (
        <span>No release other than #{release.number} was verified here, so there is none to go back to.</span>
      ) : (
        <Act action={rollBack({ project, environment }, target.number)} />
      )}
    </div>
  );
}

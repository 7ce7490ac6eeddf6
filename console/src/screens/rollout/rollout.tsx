/** A release that takes over step by step: how far it is, the new one against the old one, and what a person can do. */
import { Link } from 'wouter';
import type { RolloutView } from '../../../../src/api/contract/rollouts.ts';
import { pathOf } from '../../api/call.ts';
import { useRollout, useStatus } from '../../api/queries.ts';
import { Act } from '../../parts/act.tsx';
import type { Action } from '../../parts/action.ts';
import { Ago } from '../../parts/ago.tsx';
import { Shown } from '../../parts/shown.tsx';
import { State, type Tone } from '../../parts/state.tsx';
import { abort } from '../environment/actions.ts';
import { Comparison } from './comparison.tsx';
import './rollout.css';

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
      {(data) => (
        <div className="stack">
          <Now project={project} rollout={data} />
          <Steps rollout={data} />
          <Comparison rollout={data} />
        </div>
      )}
    </Shown>
  );
}

function Now({ project, rollout }: { readonly project: string; readonly rollout: RolloutView }) {
  const { environment, release, stable, state, waiting, judgement } = rollout;
  const base = `/p/${encodeURIComponent(project)}`;
  return (
    <section className="sheet stack" aria-labelledby="rollout">
      <div className="row">
        <h1 id="rollout">
          <Link href={`${base}/environments/${encodeURIComponent(environment)}`}>{environment}</Link>: #{release.number}{' '}
          takes over{stable === null ? '' : ` from #${stable.number}`}
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
      {waiting === null ? null : (
        <p>
          It waits for {waiting.for}: {waiting.because}
          {waiting.until === null ? null : (
            <>
              {' '}
              (<Ago at={waiting.until} />)
            </>
          )}
          .
        </p>
      )}
      {judgement === null ? null : <p className={judgement.says === 'worse' ? 'refused' : ''}>{judgement.because}</p>}
      <Controls project={project} rollout={rollout} />
    </section>
  );
}

function shareOf({ percent, release, groups }: RolloutView): string {
  return `${percent} % of requests go to #${release.number}${groups.length === 0 ? '' : `, and all of ${groups.join(', ')}`}`;
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
  if (!rollout.running)
    return (
      <p className="quiet">
        It is over: {rollout.outcome ?? rollout.state}. The way back is on the page of the environment.
      </p>
    );
  return (
    <div className="row">
      {rollout.state === 'paused' ? (
        <Act action={steer('resume', 'Continue', 'It goes on from where it was paused.')} />
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

const stepTones: Readonly<Record<RolloutView['steps'][number]['state'], Tone>> = {
  done: 'good',
  current: 'busy',
  'to-come': 'idle',
};

function Steps({ rollout: { steps, stepSince } }: { readonly rollout: RolloutView }) {
  return (
    <section className="sheet stack" aria-labelledby="steps">
      <h2 id="steps">Steps</h2>
      <ol className="stack tight">
        {steps.map((step, index) => (
          // oxlint-disable-next-line react/no-array-index-key -- steps have no name of their own, and their order is fixed
          <li key={index} className="row">
            <State tone={stepTones[step.state]} word={step.state} /> {step.what}
            <span className="quiet small">
              {step.lastsMs === null ? 'until somebody or a check says so' : `${Math.round(step.lastsMs / 1_000)} s`}
              {step.state === 'current' && stepSince !== null ? (
                <>
                  , begun <Ago at={stepSince} />
                </>
              ) : null}
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}

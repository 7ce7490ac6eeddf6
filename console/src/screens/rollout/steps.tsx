/** The steps, with what was counted in each; what went wrong stands under the step in which it did. */
import type { RolloutSeriesView, RolloutView } from '../../../../src/api/contract/rollouts.ts';
import { Ago, lengthInWords } from '../../parts/ago.tsx';
import { State, type Tone } from '../../parts/state.tsx';
import { countedBySteps, type Counted } from './curves.ts';

type Step = RolloutView['steps'][number];

const tones: Readonly<Record<Step['state'], Tone>> = { done: 'good', current: 'busy', 'to-come': 'idle' };

export function Steps({
  rollout,
  points,
}: {
  readonly rollout: RolloutView;
  readonly points: RolloutSeriesView['points'];
}) {
  const counted = countedBySteps(points);
  return (
    <section className="sheet stack" aria-labelledby="steps">
      <h2 id="steps">Steps</h2>
      <ol className="course-steps">
        {rollout.steps.map((step, index) => (
          // oxlint-disable-next-line react/no-array-index-key -- steps have no name of their own, and their order is fixed
          <li key={index}>
            <One step={step} rollout={rollout} number={index + 1} counted={counted.get(index + 1)} />
          </li>
        ))}
      </ol>
    </section>
  );
}

function One({
  step,
  rollout,
  number,
  counted,
}: {
  readonly step: Step;
  readonly rollout: RolloutView;
  readonly number: number;
  readonly counted: Counted | undefined;
}) {
  const { state, because, stepSince } = rollout;
  const isHere = number === rollout.step;
  const endedHere = isHere && state === 'returned';
  return (
    <>
      <p className="row">
        <strong>{number}.</strong>
        {endedHere ? <State tone="bad" word="went back" /> : <State tone={tones[step.state]} word={step.state} />}
        {step.what}
        <span className="quiet small">
          {step.lastsMs === null ? 'until somebody or a check says so' : `for ${lengthInWords(step.lastsMs)}`}
          {step.state === 'current' && stepSince !== null ? (
            <>
              , begun <Ago at={stepSince} />
            </>
          ) : null}
        </span>
      </p>
      {counted === undefined || counted.ofNew.requests + counted.ofStable.requests === 0 ? null : (
        <p className="small quiet">
          failed: {said(counted.ofNew)} of the new one, {said(counted.ofStable)} of the old one
        </p>
      )}
      {isHere && because !== null && (state === 'returned' || state === 'paused') ? (
        <p className={endedHere ? 'refused' : ''}>{because}</p>
      ) : null}
    </>
  );
}

function said({ requests, failures }: Counted['ofNew']): string {
  return requests === 0 ? 'no request' : `${failures} of ${requests} (${((100 * failures) / requests).toFixed(2)} %)`;
}

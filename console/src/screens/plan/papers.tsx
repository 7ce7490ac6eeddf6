/** What people have to say before it goes on: only those papers that a gate of this environment asks for. */
import type { AnswerView } from '../../../../src/api/contract/promotions.ts';
import { useNotes } from '../../api/papers.ts';
import { Act } from '../../parts/act.tsx';
import { Ago } from '../../parts/ago.tsx';
import { Command } from '../../parts/command.tsx';
import { Shown } from '../../parts/shown.tsx';
import { State } from '../../parts/state.tsx';
import type { Known } from './decide.tsx';
import { Security } from './security.tsx';
import { acceptNotes, acceptPlan, writeNotes } from './paper-actions.ts';
import { Review } from './review.tsx';
import { SignOff } from './sign-off.tsx';

export function Papers(known: Known) {
  const asks = (gate: string) => known.why.answers.find((one) => one.gate === gate);
  return (
    <>
      {asks('review') === undefined ? null : <Review project={known.project} pair={known.pair} />}
      {asks('security') === undefined ? null : <Security project={known.project} release={known.plan.release.number} />}
      {asks('qa') === undefined ? null : <SignOff project={known.project} release={known.plan.release.number} />}
      {asks('notes') === undefined ? null : <Notes {...known} answer={asks('notes')!} />}
      {asks('plan') === undefined ? null : <AcceptPlan {...known} answer={asks('plan')!} />}
    </>
  );
}

function Notes({ project, pair, answer }: Known & { readonly answer: AnswerView }) {
  const notes = useNotes(project, pair);
  return (
    <section className="sheet stack" aria-labelledby="notes">
      <div className="row">
        <h2 id="notes">Release notes</h2>
        <State tone={answer.answer === 'open' ? 'good' : 'wait'} word={answer.answer} />
      </div>
      <Shown query={notes} what="the release notes">
        {(data) => (
          <>
            <pre className="note prose">{data.body}</pre>
            <p className="quiet small">
              {data.at === null ? (
                'Nobody has written them yet: this is what would be generated now.'
              ) : (
                <>
                  {data.source} by {data.by}, <Ago at={data.at} />
                </>
              )}
              {data.acceptedBy === null || data.acceptedAt === null ? (
                '; not accepted yet.'
              ) : (
                <>
                  ; accepted by {data.acceptedBy}, <Ago at={data.acceptedAt} />.
                </>
              )}
            </p>
            <div className="row">
              {data.acceptedBy === null ? <Act action={acceptNotes(project, data)} /> : null}
              <Act action={writeNotes(project, data)} />
              <Command text={`liftlock notes show ${data.release} ${data.environment}`} />
            </div>
          </>
        )}
      </Shown>
    </section>
  );
}

function AcceptPlan({ project, plan, why, answer }: Known & { readonly answer: AnswerView }) {
  return (
    <section className="sheet stack" aria-labelledby="accepting">
      <div className="row">
        <h2 id="accepting">The plan, accepted</h2>
        <State tone={answer.answer === 'open' ? 'good' : 'wait'} word={answer.answer} />
      </div>
      <p>{answer.because}</p>
      <div className="row">
        {answer.answer !== 'open' && why.promotion !== null ? <Act action={acceptPlan(project, plan)} /> : null}
        {why.promotion === null ? (
          <span className="quiet">It can be accepted once the promotion waits for it.</span>
        ) : null}
        <code className="anywhere">{plan.planHash}</code>
      </div>
    </section>
  );
}

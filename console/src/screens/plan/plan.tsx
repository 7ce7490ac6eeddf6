/** Why a release can or cannot enter an environment, what would change if it did, and the decision about exactly that. */
import { Link } from 'wouter';
import type { PlanView, WhyView } from '../../../../src/api/contract/explanations.ts';
import { usePlan, useWhy, type Pair } from '../../api/queries.ts';
import { Act } from '../../parts/act.tsx';
import { Cut } from '../../parts/cut.tsx';
import { Gates } from '../../parts/gates.tsx';
import { sentence } from '../../parts/sentence.ts';
import { Shown } from '../../parts/shown.tsx';
import { State, type Tone } from '../../parts/state.tsx';
import { Decide, Deciders } from './decide.tsx';
import { askAgain } from './decision.ts';
import { Papers } from './papers.tsx';

const standingTones: Readonly<Record<WhyView['standing'], Tone>> = {
  running: 'good',
  deploying: 'busy',
  waiting: 'wait',
  closed: 'bad',
  ready: 'good',
  'not-requested': 'idle',
};

export default function Plan({ project, pair }: { readonly project: string; readonly pair: Pair }) {
  const why = useWhy(project, pair);
  const plan = usePlan(project, pair);
  const heading = `#${pair.release} → ${pair.environment}`;
  return (
    <Shown query={why} what="the reasons" heading={heading}>
      {(reasons) => (
        <Shown query={plan} what="the plan" heading={heading}>
          {(changes) => <Known project={project} pair={pair} known={{ why: reasons, plan: changes }} />}
        </Shown>
      )}
    </Shown>
  );
}

function Known({
  project,
  pair,
  known: { why, plan },
}: {
  readonly project: string;
  readonly pair: Pair;
  readonly known: { readonly why: WhyView; readonly plan: PlanView };
}) {
  return (
    <div className="stack">
      <section className="sheet stack" aria-labelledby="plan">
        <div className="row">
          <h1 id="plan">
            #{why.release.number} <Cut text={why.release.title} /> → {pair.environment}
          </h1>
          <State tone={standingTones[why.standing]} word={why.standing} />
        </div>
        <p>{sentence(why.sentence)}</p>
        <Decide project={project} pair={pair} why={why} plan={plan} />
        <Deciders why={why} />
      </section>
      <section className="sheet stack" aria-labelledby="gates">
        <h2 id="gates">Gates, in the order asked</h2>
        <Gates answers={why.answers} />
        {why.promotion !== null && why.answers.some(({ waitsFor }) => waitsFor === 'lookup') ? (
          <div className="row">
            <Act action={askAgain(project, pair)} />
          </div>
        ) : null}
      </section>
      <Papers project={project} pair={pair} why={why} plan={plan} />
      <Changes plan={plan} />
      <Emergency project={project} pair={pair} why={why} />
    </div>
  );
}

/** The way around gates is told where one looks for it, and is never what one presses first. */
function Emergency({ project, pair, why }: { readonly project: string; readonly pair: Pair; readonly why: WhyView }) {
  if (why.passable.length === 0 || why.standing === 'running' || why.standing === 'deploying') return null;
  const to = new URLSearchParams({ release: String(why.release.number), environment: pair.environment });
  return (
    <p className="quiet small">
      In an emergency two people may pass {why.passable.join(', ')}:{' '}
      <Link href={`/p/${encodeURIComponent(project)}/emergency?${to.toString()}`}>break-glass</Link>. Somebody has to
      look back at it afterwards.
    </p>
  );
}

function Changes({ plan }: { readonly plan: PlanView }) {
  return (
    <section className="sheet stack" aria-labelledby="changes">
      <h2 id="changes">What would change</h2>
      <p>
        {plan.replaces === null ? (
          'The first release here.'
        ) : (
          <>
            It takes the place of #{plan.replaces.number} <Cut text={plan.replaces.title} /> ({plan.direction}).
          </>
        )}
      </p>
      <ol className="steps">
        {plan.steps.map((step) => (
          <li key={step}>{step}</li>
        ))}
      </ol>
      <Difference what="Migrations" changes={plan.migrations} />
      <Difference what="Variables" changes={plan.variables} />
      {plan.commits.length === 0 ? null : (
        <>
          <h3>Commits</h3>
          <ul className="stack tight">
            {plan.commits.map((commit) => (
              <li key={commit.id}>
                <code>{commit.id.slice(0, 10)}</code> {commit.subject} <span className="quiet">{commit.author}</span>
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}

function Difference({ what, changes }: { readonly what: string; readonly changes: PlanView['migrations'] }) {
  const lines = [
    ...changes.added.map((name) => `+ ${name}`),
    ...changes.changed.map((name) => `~ ${name}`),
    ...changes.removed.map((name) => `− ${name}`),
  ];
  return (
    <p className="row">
      {what}:{' '}
      {lines.length === 0 ? (
        <span className="quiet">no change</span>
      ) : (
        lines.map((line) => <code key={line}>{line}</code>)
      )}
    </p>
  );
}

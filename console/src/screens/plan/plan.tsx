/** Why a release can or cannot enter an environment, what would change if it did, and the decision about exactly that. */
import type { PlanView, WhyView } from '../../../../src/api/contract/explanations.ts';
import { pathOf } from '../../api/call.ts';
import { usePlan, useWhy, type Pair } from '../../api/queries.ts';
import { Act } from '../../parts/act.tsx';
import { Command } from '../../parts/command.tsx';
import type { Action } from '../../parts/action.ts';
import { Gates } from '../../parts/gates.tsx';
import { Shown } from '../../parts/shown.tsx';
import { State, type Tone } from '../../parts/state.tsx';

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
            #{why.release.number} {why.release.title} → {pair.environment}
          </h1>
          <State tone={standingTones[why.standing]} word={why.standing} />
        </div>
        <p>{why.sentence}</p>
        <Decide project={project} pair={pair} why={why} plan={plan} />
      </section>
      <section className="sheet stack" aria-labelledby="gates">
        <h2 id="gates">Gates, in the order asked</h2>
        <Gates answers={why.answers} />
      </section>
      <Changes plan={plan} />
    </div>
  );
}

function Decide({
  project,
  pair,
  why,
  plan,
}: {
  readonly project: string;
  readonly pair: Pair;
  readonly why: WhyView;
  readonly plan: PlanView;
}) {
  const release = String(plan.release.number);
  const place = { project, environment: pair.environment };
  const asked = why.promotion !== null;
  const wantsApproval = why.answers.some(({ gate }) => gate === 'approval');
  const decide = (verb: 'approve' | 'reject', explains: string): Action => ({
    label: verb === 'approve' ? 'Approve this plan' : 'Reject',
    explains,
    path: pathOf(`/api/v1/projects/{project}/environments/{environment}/${verb}`, place),
    body: (reason) => ({ release, planHash: plan.planHash, ...(reason === '' ? {} : { reason }) }),
    command: `liftlock ${verb} ${release} ${pair.environment} --plan ${plan.planHash} --reason {reason}`,
    reason: verb === 'approve' ? 'welcome' : 'needed',
    ...(verb === 'approve' ? { primary: true as const } : {}),
  });
  return (
    <div className="row">
      {asked && wantsApproval ? (
        <>
          <Act
            action={decide(
              'approve',
              `You approve release #${release} for ${pair.environment} under exactly this plan (${plan.planHash.slice(0, 19)}…). Any change to it voids the approval.`,
            )}
          />
          <Act
            action={decide('reject', 'Final for this plan: it can only be approved again when the plan has changed.')}
          />
        </>
      ) : null}
      {asked || why.standing === 'running' || why.standing === 'closed' ? null : (
        <Act
          action={{
            label: `Promote to ${pair.environment}`,
            explains: 'Asks for it; its gates still have to open.',
            path: pathOf('/api/v1/projects/{project}/promotions', { project }),
            body: (reason) => ({ release, environment: pair.environment, ...(reason === '' ? {} : { reason }) }),
            command: `liftlock promote ${release} ${pair.environment}`,
            reason: 'none',
            primary: true,
          }}
        />
      )}
      <Command text={`liftlock why ${release} ${pair.environment}`} />
    </div>
  );
}

function Changes({ plan }: { readonly plan: PlanView }) {
  return (
    <section className="sheet stack" aria-labelledby="changes">
      <h2 id="changes">What would change</h2>
      <p>
        {plan.replaces === null
          ? 'The first release here.'
          : `It takes the place of #${plan.replaces.number} ${plan.replaces.title} (${plan.direction}).`}
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

/** The decision about exactly this plan, and who could still make it. */
import { Link } from 'wouter';
import type { PlanView, WhyView } from '../../../../src/api/contract/explanations.ts';
import { pathOf } from '../../api/call.ts';
import { useSelf, type Pair } from '../../api/queries.ts';
import { Act } from '../../parts/act.tsx';
import { Command } from '../../parts/command.tsx';
import { sentence } from '../../parts/sentence.ts';
import { decision, withdrawal } from './decision.ts';

export interface Known {
  readonly project: string;
  readonly pair: Pair;
  readonly why: WhyView;
  readonly plan: PlanView;
}

/** Offered is what there is still to decide: nothing of it once it deploys. */
export function Decide({ project, pair, why, plan }: Known) {
  const release = String(plan.release.number);
  const { environment } = pair;
  const isAsked = why.promotion !== null;
  const wantsApproval = why.answers.some(({ gate }) => gate === 'approval');
  const asked = { project, environment, plan };
  const you = why.approvers?.you ?? null;
  return (
    <>
      {you === null ? null : <p>{sentence(you.because)}</p>}
      <div className="row">
        {isAsked && wantsApproval && why.standing !== 'deploying' ? (
          <>
            <Act action={{ ...decision('approve', asked), primary: you?.may !== 'no' }} />
            <Act action={decision('reject', asked)} />
            <Withdraw {...asked} why={why} />
          </>
        ) : null}
        {why.standing === 'deploying' ? (
          <Link
            className="button"
            href={`/p/${encodeURIComponent(project)}/environments/${encodeURIComponent(environment)}`}
          >
            Watch it in {environment}
          </Link>
        ) : null}
        {isAsked || why.standing === 'running' || why.standing === 'closed' ? null : (
          <Act
            action={{
              label: `Promote to ${environment}`,
              explains: [
                'Asks for it; its gates still have to open.',
                ...(you === null ? [] : [sentence(you.because)]),
              ].join(' '),
              path: pathOf('/api/v1/projects/{project}/promotions', { project }),
              body: () => ({ release, environment }),
              command: `liftlock promote ${release} ${environment}`,
              reason: 'none',
              primary: true,
            }}
          />
        )}
        <Command text={`liftlock why ${release} ${environment}`} />
      </div>
    </>
  );
}

/** Offered to whoever the gate names among those who approved. */
function Withdraw({ why, ...asked }: Parameters<typeof withdrawal>[0] & { readonly why: WhyView }) {
  const { data: self } = useSelf();
  const gate = why.answers.find((one) => one.gate === 'approval');
  const names = gate?.because.split(/[^\w.@-]+/) ?? [];
  if (self === undefined || !names.includes(self.handle)) return null;
  return <Act action={withdrawal(asked)} />;
}

export function Deciders({ why: { approvers } }: { readonly why: WhyView }) {
  if (approvers === null) return null;
  const { could, short, unknownAuthors, separation } = approvers;
  return (
    <p className="small">
      {could.length === 0
        ? 'Nobody who is known here could approve it. '
        : `Could approve: ${could.map(({ handle, roles }) => `${handle} (${roles.join(', ')})`).join(', ')}. `}
      {short > 0 && could.length > 0 ? `That is ${short} too few. ` : ''}
      {separation === 'none'
        ? 'The pipeline lets whoever made it approve it, too.'
        : 'Nobody approves what he made or asked for.'}
      {unknownAuthors.length === 0 ? '' : ` Authors whom nobody knows here: ${unknownAuthors.join(', ')}.`}
    </p>
  );
}

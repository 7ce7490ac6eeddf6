/** The decision about exactly this plan, and who could still make it. */
import type { PlanView, WhyView } from '../../../../src/api/contract/explanations.ts';
import { pathOf } from '../../api/call.ts';
import { useSelf, type Pair } from '../../api/queries.ts';
import { Act } from '../../parts/act.tsx';
import { Command } from '../../parts/command.tsx';
import { decision, withdrawal } from './decision.ts';

export interface Known {
  readonly project: string;
  readonly pair: Pair;
  readonly why: WhyView;
  readonly plan: PlanView;
}

export function Decide({ project, pair, why, plan }: Known) {
  const release = String(plan.release.number);
  const { environment } = pair;
  const isAsked = why.promotion !== null;
  const wantsApproval = why.answers.some(({ gate }) => gate === 'approval');
  const asked = { project, environment, plan };
  return (
    <div className="row">
      {isAsked && wantsApproval ? (
        <>
          <Act action={decision('approve', asked)} />
          <Act action={decision('reject', asked)} />
          <Withdraw {...asked} why={why} />
        </>
      ) : null}
      {isAsked || why.standing === 'running' || why.standing === 'closed' ? null : (
        <Act
          action={{
            label: `Promote to ${environment}`,
            explains: 'Asks for it; its gates still have to open.',
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
  const { could, unknownAuthors, separation } = approvers;
  return (
    <p className="small">
      {could.length === 0
        ? 'Nobody who is known here could approve it. '
        : `Could approve: ${could.map(({ handle, roles }) => `${handle} (${roles.join(', ')})`).join(', ')}. `}
      {separation === 'none'
        ? 'The pipeline lets whoever made it approve it, too.'
        : 'Nobody approves what he made or asked for.'}
      {unknownAuthors.length === 0 ? '' : ` Authors whom nobody knows here: ${unknownAuthors.join(', ')}.`}
    </p>
  );
}

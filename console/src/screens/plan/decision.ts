/** Approving and rejecting: what one decides is read word for word first, and a passkey signs it where there is one. */
import type { PlanView } from '../../../../src/api/contract/explanations.ts';
import type { DecisionBegun } from '../../../../src/api/contract/passkeys.ts';
import { change, pathOf } from '../../api/call.ts';
import { signWithPasskey } from '../../api/passkey.ts';
import type { Pair } from '../../api/queries.ts';
import type { Action, ToRead } from '../../parts/action.ts';

type Verb = 'approve' | 'reject';

export interface Asked {
  readonly project: string;
  readonly environment: string;
  readonly plan: PlanView;
}

const words: Readonly<Record<Verb, { readonly label: string; readonly done: string }>> = {
  approve: { label: 'Approve this plan', done: 'Approve' },
  reject: { label: 'Reject', done: 'Reject' },
};

export function decision(verb: Verb, { project, environment, plan }: Asked): Action {
  const release = String(plan.release.number);
  const { planHash } = plan;
  const path = pathOf(`/api/v1/projects/{project}/environments/{environment}/${verb}`, { project, environment });
  return {
    label: words[verb].label,
    explains:
      verb === 'approve'
        ? `You approve release #${release} for ${environment} under exactly this plan (${planHash.slice(0, 19)}…). Any change to it voids the approval.`
        : 'Final for this plan: it can only be approved again when the plan has changed.',
    path,
    body: (reason) => ({ release, planHash, reason }),
    command: `liftlock ${verb} ${release} ${environment} --plan ${planHash} --reason {reason}`,
    reason: 'needed',
    before: {
      label: 'Read what I sign',
      read: async (reason) => {
        const begun = await change<DecisionBegun>(
          pathOf('/api/v1/projects/{project}/environments/{environment}/begin-decision', { project, environment }),
          { release, decision: verb, planHash, reason },
          crypto.randomUUID(),
        );
        return toRead({ verb, begun, send: (how, key) => change(path, { release, planHash, reason, ...how }, key) });
      },
    },
    ...(verb === 'approve' ? { primary: true } : {}),
  };
}

function toRead({
  verb,
  begun: { statement, challenge, options, required },
  send,
}: {
  readonly verb: Verb;
  readonly begun: DecisionBegun;
  readonly send: (how: object, key: string) => Promise<unknown>;
}): ToRead {
  const { done } = words[verb];
  const plain = { label: done, act: (key: string) => send({ read: challenge }, key) };
  const signed = {
    label: `${done} and sign with a passkey`,
    act: async (key: string) => send({ passkey: { challenge, answer: await signWithPasskey(options) } }, key),
  };
  return {
    heading: options === null ? 'This is what is recorded, word for word' : 'This is what you sign, word for word',
    text: statement,
    ways: options === null ? [plain] : required ? [signed] : [signed, { ...plain, label: `${done} without a passkey` }],
  };
}

export function withdrawal({ project, environment, plan }: Asked): Action {
  const release = String(plan.release.number);
  return {
    label: 'Withdraw my approval',
    explains: `What you approved for ${environment} no longer counts. It can be taken back until the deployment starts.`,
    path: pathOf('/api/v1/projects/{project}/environments/{environment}/withdraw-approval', { project, environment }),
    body: (reason) => ({ release, reason }),
    command: `liftlock withdraw ${release} ${environment} --reason {reason}`,
    reason: 'needed',
  };
}

/** Questions of the project's own, the forge and the repository are asked again by themselves, too. */
export function askAgain(project: string, { release, environment }: Pair): Action {
  return {
    label: 'Ask again now',
    explains: 'What gates wait to ask again is asked now. What was answered with no stays so for this promotion.',
    path: pathOf('/api/v1/projects/{project}/environments/{environment}/ask-again', { project, environment }),
    body: () => ({ release }),
    command: `liftlock ask-again ${release} ${environment}`,
    reason: 'none',
  };
}

/** R21–R23: enough different people approved exactly this plan, and nobody rejected it. */
import type { Contributor } from '../access/independence.ts';
import type { ApprovalSpec, ApproverRole } from '../pipeline/environment.ts';
import { plus, type Instant } from '../base/time.ts';
import type { Approval, EnvironmentFacts, ReleaseFacts } from '../promotion/facts.ts';
import type { Origin } from '../promotion/promotion.ts';
import {
  missingFor,
  standingOf,
  type ApprovalRule,
  type Missing,
  type Standing,
  type StandingCode,
} from './approval-count.ts';
import { closed, lookAgain, open, waiting, type Answer, type Gate, type Question } from './gate.ts';

export const approvalGate: Gate = {
  name: 'approval',
  asks: 'people',
  answer(question) {
    const { facts, release, planHash } = question;
    const spec = approvalOf(question);
    if (spec === undefined) return undefined;
    const rejection = release.approvals.find((given) => given.planHash === planHash && given.decision === 'reject');
    if (rejection !== undefined) {
      return closed(
        `${rejection.actor} rejected it: ${rejection.reason}`,
        'a changed plan can be approved again; promote a newer release',
      );
    }
    const rule = approvalRule(facts, spec, question);
    if (rule === undefined) return authorsUnknown(release);
    const tally = tallyOf(question, rule);
    if (tally.missing.people === 0) return open(`approved by ${tally.counted.map(told).join(' and ')}`);
    const asked = release.asked?.planHash === planHash ? release.asked.at : undefined;
    return lookAgain(
      asked === undefined || spec.timeout === undefined ? undefined : plus(asked, spec.timeout),
      waiting('person', notYet(tally, question), `liftlock approve ${release.number} ${facts.spec.name}`),
    );
  },
};

/** The approvals that a promotion needs; R36: nobody is asked about a rollback. */
export function approvalOf({ facts, kind }: Pick<Question, 'facts' | 'kind'>): ApprovalSpec | undefined {
  return kind === 'rollback' ? undefined : facts.spec.gates.find((gate) => gate.gate === 'approval');
}

/** `undefined` while it is not known who made what is to be approved. */
export function approvalRule(
  facts: Pick<EnvironmentFacts, 'spec' | 'trust'>,
  spec: ApprovalSpec,
  { release, origin }: { release: ReleaseFacts; origin: Origin },
): ApprovalRule | undefined {
  const { contribution } = release;
  if (!contribution.known) return undefined;
  return {
    spec,
    kind: facts.spec.kind,
    separation: facts.trust.separation,
    contributors: [...contribution.contributors, ...signers(release), ...requesters(origin)],
  };
}

/** Of its commit and of its tags, which may come long after the commits were looked up. */
function signers({ judged, commit }: ReleaseFacts): readonly Contributor[] {
  return judged.flatMap(({ vouchedBy }) =>
    vouchedBy.map((handle) => ({ as: 'signer', name: handle, handle, commit }) as const),
  );
}

/** R16: not a wait for people, although they are the ones it will be about. */
function authorsUnknown({ contribution }: ReleaseFacts): Answer | undefined {
  if (contribution.known) return undefined;
  const { because, waitsFor, askAgainAt } = contribution;
  const unblock =
    waitsFor === 'lookup'
      ? 'nothing to do yet; liftlock doctor tells whether the repository can be read'
      : 'promote a release in between';
  return lookAgain(askAgainAt, waiting(waitsFor, because, unblock));
}

/** R23: the moment at which the time for approvals had run out, when it has. */
export function overdueSince(question: Question): Instant | undefined {
  const asked = question.release.asked;
  const answer = asked === undefined ? undefined : approvalGate.answer(question);
  if (answer?.answer !== 'waiting' || answer.waitsFor !== 'person' || answer.askAgainAt === undefined) return undefined;
  return answer.askAgainAt <= question.facts.now ? answer.askAgainAt : undefined;
}

/** The roles that each of those who approved may stand for, counted by this rule. */
export function countedRoles(question: Question, rule: ApprovalRule): readonly (readonly ApproverRole[])[] {
  return tallyOf(question, rule).counted.map(({ standing }) => standing.roles);
}

interface Counted {
  readonly approval: Approval;
  readonly standing: Standing & { counts: true };
}

interface Tally {
  readonly counted: readonly Counted[];
  readonly discounted: readonly { readonly actor: string; readonly code: StandingCode; readonly because: string }[];
  readonly missing: Missing;
}

/** Judged now, whatever was right when they were given. */
function tallyOf({ release, planHash }: Question, rule: ApprovalRule): Tally {
  const counted: Counted[] = [];
  const discounted: Tally['discounted'][number][] = [];
  for (const approval of distinct(release.approvals.filter((given) => given.planHash === planHash))) {
    const standing = standingNow(approval, rule);
    if (standing.counts) counted.push({ approval, standing });
    else discounted.push({ actor: approval.actor, ...standing });
  }
  return {
    counted,
    discounted,
    missing: missingFor(
      rule.spec,
      counted.map(({ standing }) => standing.roles),
    ),
  };
}

function standingNow({ actor, approver, means }: Approval, rule: ApprovalRule): Standing {
  if (approver === undefined)
    return { counts: false, code: 'APPROVER_UNKNOWN', because: `nobody here is called ${actor}` };
  if (rule.spec.passkey === 'required' && means !== 'passkey')
    return { counts: false, code: 'PASSKEY_REQUIRED', because: `${actor} did not sign it with a passkey` };
  return standingOf(approver, rule);
}

/** R22: people count once, whatever number of times they said so. */
function distinct(approvals: readonly Approval[]): readonly Approval[] {
  return [...new Map(approvals.map((approval) => [approval.actor, approval])).values()];
}

function requesters(origin: Origin): readonly Contributor[] {
  return origin.by === 'person' ? [{ as: 'requester', name: origin.actor, handle: origin.actor }] : [];
}

function told({ approval, standing }: Counted): string {
  return standing.notIndependent === undefined
    ? approval.actor
    : `${approval.actor} (not independent: ${standing.notIndependent})`;
}

function notYet({ counted, discounted, missing }: Tally, { facts, release, planHash, kind }: Question): string {
  const count = approvalOf({ facts, kind })!.count;
  const stale = distinct(
    release.approvals.filter((given) => given.planHash !== planHash && given.decision === 'approve'),
  );
  const parts = [
    ...(counted.length === 0 ? [] : [`given by ${counted.map(told).join(' and ')}`]),
    ...(missing.roles.length === 0 ? [] : [`missing ${missing.roles.join(', ')}`]),
    ...discounted.map(({ code, because }) => `${because}, which does not count (${code})`),
    ...(stale.length === 0
      ? []
      : [`approval by ${stale.map(({ actor }) => actor).join(' and ')} was for another plan and is void`]),
  ];
  return `${counted.length} of ${Math.max(count, counted.length + missing.people)} approvals${parts.length === 0 ? '' : ` (${parts.join('; ')})`}`;
}

/** R22, told beforehand: who could give the approvals that are missing, and what asking for it does to whoever reads this. */
import type { Approver } from '../access/approver.ts';
import { unknownAuthors } from '../access/independence.ts';
import type { ApproverRole } from '../pipeline/environment.ts';
import type { TrustSpec } from '../pipeline/pipeline.ts';
import { approvalOf, approvalRule, countedRoles } from './approval.ts';
import { missingFor, standingOf, type ApprovalRule } from './approval-count.ts';
import type { Question } from './gate.ts';

export interface Approvers {
  readonly separation: TrustSpec['separation'];
  readonly could: readonly Able[];
  /** Approvals that would still be missing when all of these had given theirs. */
  readonly short: number;
  /** Of the reader, when there is something that he would rather know before than after. */
  readonly you: Reader | undefined;
  /** They stand in nobody's way, so they are told. */
  readonly unknownAuthors: readonly string[];
}

interface Able {
  readonly handle: string;
  readonly roles: readonly ApproverRole[];
}

export interface Reader {
  readonly handle: string;
  /** `no`: he has a hand in it. `until-asked`: he may, unless it is he who asks for it. */
  readonly may: 'no' | 'until-asked';
  readonly because: string;
  /** `short`, once he has asked for it. */
  readonly short: number;
}

/** Whom it is told, and whether it is he who would be asking if he asked: not when somebody has done so already. */
export interface Asking {
  readonly handle: string;
  readonly asksAnew: boolean;
}

/** `undefined` where no approval is asked for, or nobody knows yet who made it. */
export function approversAmong(
  people: readonly Approver[],
  question: Question,
  reader?: Asking,
): Approvers | undefined {
  const { facts, release, planHash } = question;
  const spec = approvalOf(question);
  const rule = spec && approvalRule(facts, spec, question);
  if (rule === undefined) return undefined;
  const decided = new Set(release.approvals.filter((given) => given.planHash === planHash).map(({ actor }) => actor));
  const free = people.filter(({ handle }) => !decided.has(handle));
  const short = (asked: ApprovalRule) =>
    missingFor(asked.spec, [...countedRoles(question, asked), ...able(free, asked).map(({ roles }) => roles)]).people;
  const person = people.find(({ handle }) => handle === reader?.handle);
  return {
    separation: rule.separation,
    could: able(free, rule),
    short: short(rule),
    you: person && readerOf(person, { rule, asksAnew: reader!.asksAnew, short }),
    unknownAuthors: unknownAuthors(people, rule.contributors).map(({ name, email }) => `${name} <${email}>`),
  };
}

function able(people: readonly Approver[], rule: ApprovalRule): readonly Able[] {
  return people.flatMap((person) => {
    const standing = standingOf(person, rule);
    return standing.counts ? [{ handle: person.handle, roles: standing.roles }] : [];
  });
}

/** Nothing to tell to those whose role approves nothing: they do not expect to. */
function readerOf(
  person: Approver,
  { rule, asksAnew, short }: { rule: ApprovalRule; asksAnew: boolean; short: (asked: ApprovalRule) => number },
): Reader | undefined {
  const { handle } = person;
  const now = standingOf(person, rule);
  if (!now.counts) {
    if (now.code === 'APPROVER_LACKS_ROLE' || now.code === 'APPROVER_DISABLED') return undefined;
    return { handle, may: 'no', because: `you cannot approve it: ${now.because}`, short: short(rule) };
  }
  const asked = { ...rule, contributors: [...rule.contributors, { as: 'requester', name: handle, handle } as const] };
  if (!asksAnew || standingOf(person, asked).counts) return undefined;
  const missing = short(asked);
  const because = [
    'if you ask for it, your approval does not count: nobody approves what he asked for',
    ...(missing === 0
      ? []
      : [`then nobody here could give ${missing === 1 ? 'one' : missing} of its approvals, so let somebody else ask`]),
  ].join('; ');
  return { handle, may: 'until-asked', because, short: missing };
}

/** R22: whose approval counts, and how many are still missing. Asked when somebody decides and again whenever the gate is. */
import type { Approver } from '../access/approver.ts';
import { independence, type Contributor } from '../access/independence.ts';
import { ruleOf } from '../access/matrix.ts';
import type { ApprovalSpec, ApproverRole, EnvironmentKind } from '../pipeline/environment.ts';
import { approverRoles } from '../pipeline/environment.ts';
import type { TrustSpec } from '../pipeline/pipeline.ts';

/** What is asked of whoever approves. */
export interface ApprovalRule {
  readonly spec: ApprovalSpec;
  readonly kind: EnvironmentKind;
  readonly separation: TrustSpec['separation'];
  /** Everybody who had a hand in what is approved, and whoever asked for it. */
  readonly contributors: readonly Contributor[];
}

export type Standing =
  /** `notIndependent`: only counts because the project asks for no second person. */
  | { readonly counts: true; readonly roles: readonly ApproverRole[]; readonly notIndependent?: string }
  | { readonly counts: false; readonly code: StandingCode; readonly because: string };

export type StandingCode =
  | 'APPROVER_UNKNOWN'
  | 'PASSKEY_REQUIRED'
  | 'APPROVER_DISABLED'
  | 'APPROVER_LACKS_ROLE'
  | 'APPROVER_IS_AUTHOR'
  | 'APPROVER_IS_CO_AUTHOR'
  | 'APPROVER_IS_SIGNER'
  | 'APPROVER_IS_REQUESTER';

const codes = {
  author: 'APPROVER_IS_AUTHOR',
  'co-author': 'APPROVER_IS_CO_AUTHOR',
  signer: 'APPROVER_IS_SIGNER',
  requester: 'APPROVER_IS_REQUESTER',
} as const;

export function standingOf(approver: Approver, rule: ApprovalRule): Standing {
  if (approver.disabled) return refuse('APPROVER_DISABLED', `${approver.handle} is disabled`);
  const wanted = rolesThatCount(rule);
  const roles = wanted.filter((role) => approver.roles.includes(role));
  if (roles.length === 0)
    return refuse('APPROVER_LACKS_ROLE', `${approver.handle} is none of ${wanted.join(', ')} here`);
  const independent = independence(approver, rule.contributors);
  if (independent.independent) return { counts: true, roles };
  if (rule.separation === 'none') return { counts: true, roles, notIndependent: independent.because };
  return refuse(codes[independent.as], independent.because);
}

/** The roles of the gate, or those that may approve in environments of this kind. */
export function rolesThatCount({ spec, kind }: ApprovalRule): readonly ApproverRole[] {
  return spec.roles ?? approverRoles.filter((role) => ruleOf('approval:create').allows[role]?.includes(kind) === true);
}

export interface Missing {
  /** How many more people, whatever their roles. */
  readonly people: number;
  /** Places that nobody fills yet; an open gate has none. */
  readonly roles: readonly ApproverRole[];
}

/**
 * What is missing when these people, each with the roles he may stand for, have approved. Nobody stands for two
 * roles at once, so places are filled by a largest matching (augmenting paths, Kuhn 1955).
 */
export function missingFor(
  spec: Pick<ApprovalSpec, 'count' | 'each'>,
  people: readonly (readonly ApproverRole[])[],
): Missing {
  const places = approverRoles.flatMap((role) => Array.from({ length: spec.each?.[role] ?? 0 }, () => role));
  const holder = new Map<number, number>();
  const unfilled = places.filter((_, place) => !fill({ places, people, holder }, place, new Set()));
  return { people: Math.max(spec.count - people.length, unfilled.length), roles: unfilled };
}

interface Seating {
  readonly places: readonly ApproverRole[];
  readonly people: readonly (readonly ApproverRole[])[];
  /** Who (index) sits where: person → place. */
  readonly holder: Map<number, number>;
}

/** Seats somebody at the place, moving others when they can stand elsewhere. */
function fill(seating: Seating, place: number, tried: Set<number>): boolean {
  const { places, people, holder } = seating;
  for (const [person, roles] of people.entries()) {
    if (tried.has(person) || !roles.includes(places[place]!)) continue;
    tried.add(person);
    const taken = holder.get(person);
    if (taken !== undefined && !fill(seating, taken, tried)) continue;
    holder.set(person, place);
    return true;
  }
  return false;
}

function refuse(code: StandingCode, because: string): Standing {
  return { counts: false, code, because };
}

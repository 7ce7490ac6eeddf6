/** Who could give the approvals that are missing, and whom nobody knows among those who wrote it (R22). */
import { unknownAuthors } from '../../domain/access/independence.ts';
import { rolesOn } from '../../domain/access/role.ts';
import type { ProjectId } from '../../domain/base/id.ts';
import { approvalOf, approvalRule } from '../../domain/gate/approval.ts';
import { standingOf } from '../../domain/gate/approval-count.ts';
import type { Question } from '../../domain/gate/gate.ts';
import type { Transaction } from '../../ports/store.ts';
import type { ApproversView } from '../views/views.ts';

/** Null where no approval is asked for, or nobody knows yet who made it. */
export async function approversOf(
  tx: Transaction,
  project: ProjectId,
  question: Question,
): Promise<ApproversView | null> {
  const { facts, release, planHash } = question;
  const spec = approvalOf(question);
  const rule = spec && approvalRule(facts, spec, question);
  if (rule === undefined) return null;
  const people = await tx.people.list();
  const grants = await tx.grants.list({ project, inForceAt: facts.now });
  const decided = new Set(release.approvals.filter((given) => given.planHash === planHash).map(({ actor }) => actor));
  const could = people.flatMap(({ id, handle, emails, disabledAt }) => {
    const roles = rolesOn(
      grants.filter((grant) => grant.person === id),
      project,
    );
    const standing = standingOf({ handle, emails, disabled: disabledAt !== undefined, roles }, rule);
    return standing.counts && !decided.has(handle) ? [{ handle, roles: standing.roles }] : [];
  });
  const nobodys = unknownAuthors(people, rule.contributors).map(({ name, email }) => `${name} <${email}>`);
  return { separation: rule.separation, could, unknownAuthors: nobodys };
}

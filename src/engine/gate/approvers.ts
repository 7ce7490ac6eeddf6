/** Who could give the approvals that are missing, and whom nobody knows among those who wrote it (R22). */
import { rolesOn } from '../../domain/access/role.ts';
import type { ProjectId } from '../../domain/base/id.ts';
import { approversAmong, type Asking } from '../../domain/gate/approvers.ts';
import type { Question } from '../../domain/gate/gate.ts';
import type { Transaction } from '../../ports/store.ts';
import type { ApproversView } from '../views/views.ts';

/** Null where no approval is asked for, or nobody knows yet who made it. `reader`: whom it is told. */
export async function approversOf(
  tx: Transaction,
  project: ProjectId,
  { question, reader }: { question: Question; reader?: Asking },
): Promise<ApproversView | null> {
  const grants = await tx.grants.list({ project, inForceAt: question.facts.now });
  const people = (await tx.people.list()).map(({ id, handle, emails, disabledAt }) => {
    const own = grants.filter((grant) => grant.person === id);
    return { handle, emails, disabled: disabledAt !== undefined, roles: rolesOn(own, project) };
  });
  const found = approversAmong(people, question, reader);
  return found === undefined ? null : { ...found, you: found.you ?? null };
}

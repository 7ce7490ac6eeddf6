/** A person decides about one release, one environment and one plan (R21–R23), or takes that back. */
import type { Approver } from '../../domain/access/approver.ts';
import { rolesOn } from '../../domain/access/role.ts';
import type { Digest } from '../../domain/base/digest.ts';
import { Failure } from '../../domain/base/failure.ts';
import type { PersonId, PromotionId } from '../../domain/base/id.ts';
import { approvalOf, approvalRule } from '../../domain/gate/approval.ts';
import { rolesThatCount, standingOf, type StandingCode } from '../../domain/gate/approval-count.ts';
import type { ApprovalSpec } from '../../domain/pipeline/environment.ts';
import { factsOf, type EnvironmentFacts } from '../../domain/promotion/facts.ts';
import { planHash, type Plan } from '../../domain/promotion/plan.ts';
import type { Promotion } from '../../domain/promotion/promotion.ts';
import { statementText, type Statement } from '../../domain/promotion/statement.ts';
import type { Environment, Project, StoredRelease } from '../../ports/records.ts';
import type { Transaction } from '../../ports/store.ts';
import { findEnvironment, findProject, findRelease } from '../find.ts';
import { planOf } from './question.ts';
import { reconcileIn } from '../promotion/reconcile.ts';
import {
  beginSigning,
  readStatement,
  signedStatement,
  type BegunDecision,
  type PasskeyAnswer,
} from './sign-decision.ts';
import { newId, type World } from '../world.ts';

export interface DecisionRequest {
  readonly project: string | undefined;
  readonly release: string;
  readonly environment: string;
  readonly decision: 'approve' | 'reject';
  /** The plan the person saw. When it is not the plan of this moment, the decision is refused (R21). */
  readonly planHash: Digest | undefined;
  readonly reason: string;
  readonly actor: string;
  /** Signed with a passkey; decided at a terminal or in a session when absent. */
  readonly passkey?: PasskeyAnswer | undefined;
  /** Id of a challenge: the statement that was read is what is decided, without a signature. */
  readonly read?: string | undefined;
}

export interface Decided {
  readonly promotion: PromotionId;
  readonly planHash: Digest;
  /** What was decided, word for word. */
  readonly statement: string;
}

/** Everything is looked at and written under the lock of the environment's row, so that no two decisions pass each other. */
export async function decideIn(world: World, tx: Transaction, request: DecisionRequest): Promise<Decided> {
  const pending = await findPending(world, tx, request);
  const { project, environment, release, promotion, plan, facts } = pending;
  const hash = planHash(plan, world.sha256);
  refuseStale(request, pending, hash);
  const approver = await findApprover(world, tx, { actor: request.actor, project });
  requireStanding({ ...request, signs: request.passkey !== undefined }, pending, approver);
  const id = newId(world, 'apr');
  const about = statementOf(request, pending);
  const { passkey, read } = request;
  const by = { statement: about, person: approver.id };
  const statement =
    passkey !== undefined
      ? await signedStatement(world, tx, { ...by, passkey })
      : read !== undefined
        ? await readStatement(world, tx, { ...by, challenge: read })
        : statementText({ ...about, at: facts.now, once: id }, world.sha256);
  const means = passkey === undefined ? 'terminal' : 'passkey';
  const inserted = await tx.approvals.insert({
    id,
    environment: environment.id,
    release: release.id,
    planHash: hash,
    actor: request.actor,
    decision: request.decision,
    reason: request.reason,
    at: facts.now,
    means,
    statement,
    signature: passkey?.answer,
  });
  if (!inserted) throw refusal('ALREADY_DECIDED', `${request.actor} has already decided about this plan`);
  await tx.events.append({
    kind: request.decision === 'approve' ? 'promotion.approved' : 'promotion.rejected',
    actor: request.actor,
    at: facts.now,
    project: project.id,
    environment: environment.id,
    release: release.id,
    promotion: promotion.id,
    data: { planHash: hash, reason: request.reason, means, statement: world.sha256(statement) },
  });
  await reconcileIn(world, tx, environment.id);
  return { promotion: promotion.id, planHash: hash, statement };
}

/** What a person decides, word for word, and a passkey is asked to sign, if it would be accepted now. */
export async function prepareDecision(
  world: World,
  { origin, ...request }: Omit<DecisionRequest, 'passkey' | 'read'> & { readonly origin: string },
): Promise<BegunDecision & { readonly planHash: Digest; readonly required: boolean }> {
  return world.store.transaction(async (tx) => {
    const pending = await findPending(world, tx, request);
    const hash = planHash(pending.plan, world.sha256);
    refuseStale(request, pending, hash);
    const approver = await findApprover(world, tx, { actor: request.actor, project: pending.project });
    requireStanding({ ...request, signs: true }, pending, approver);
    const required = pending.spec.passkey === 'required' && request.decision === 'approve';
    const begun = await beginSigning(world, tx, {
      statement: statementOf(request, pending),
      person: approver.id,
      origin,
      required,
    });
    return { ...begun, planHash: hash, required };
  });
}

function statementOf({ decision, actor, reason }: DecisionRequest, pending: Pending): Omit<Statement, 'at' | 'once'> {
  const { project, environment, release, plan } = pending;
  return {
    decision,
    person: actor,
    project: project.name,
    environment: environment.spec.name,
    release: { id: release.id, number: release.number, commit: release.content.commit },
    plan,
    reason,
  };
}

/** One's own approval only, and only before the promotion has started. */
export async function withdrawIn(
  world: World,
  tx: Transaction,
  request: Omit<DecisionRequest, 'decision' | 'planHash'>,
): Promise<{ promotion: PromotionId }> {
  const { project, environment, release, promotion, plan, facts } = await findPending(world, tx, request);
  const decided = {
    environment: environment.id,
    release: release.id,
    planHash: planHash(plan, world.sha256),
    actor: request.actor,
  };
  if (!(await tx.approvals.withdraw(decided, { reason: request.reason, at: facts.now })))
    throw refusal('NOT_APPROVED', `${request.actor} has not approved this plan, so there is nothing to withdraw`);
  await tx.events.append({
    kind: 'promotion.approval-withdrawn',
    actor: request.actor,
    at: facts.now,
    project: project.id,
    environment: environment.id,
    release: release.id,
    promotion: promotion.id,
    data: { planHash: decided.planHash, reason: request.reason },
  });
  await reconcileIn(world, tx, environment.id);
  return { promotion: promotion.id };
}

interface Pending {
  readonly project: Project;
  readonly environment: Environment;
  readonly release: StoredRelease;
  readonly facts: EnvironmentFacts;
  readonly promotion: Promotion;
  readonly spec: ApprovalSpec;
  readonly plan: Plan;
}

/** What waits for a decision, with the environment's row locked. */
async function findPending(
  world: World,
  tx: Transaction,
  request: Pick<DecisionRequest, 'project' | 'release' | 'environment'>,
): Promise<Pending> {
  const project = await findProject(tx, request.project);
  const named = await findEnvironment(tx, project.id, request.environment);
  const release = await findRelease(tx, project.id, request.release);
  const environment = (await tx.environments.lock(named.id))!;
  const facts = await tx.environments.facts(environment.id, { now: world.clock.now(), alsoRelease: release.id });
  const promotion = facts.open.find(
    (open) => open.release === release.id && open.kind === 'promotion' && open.progress.state === 'waiting',
  );
  if (promotion === undefined) {
    throw new Failure(
      'approval/refused',
      `no promotion of release #${release.number} to ${environment.spec.name} is waiting`,
      {
        hint: `liftlock promote ${release.number} ${environment.spec.name} asks for it; liftlock why ${release.number} ${environment.spec.name} tells more`,
      },
    );
  }
  const spec = approvalOf({ facts, kind: promotion.kind });
  if (spec === undefined) {
    throw new Failure('approval/refused', `${environment.spec.name} asks for no approval`, {
      hint: `liftlock why ${release.number} ${environment.spec.name}`,
    });
  }
  return { project, environment, release, facts, promotion, spec, plan: planOf(facts, promotion) };
}

function refuseStale(request: DecisionRequest, { release, environment }: Pending, hash: Digest): void {
  if (request.planHash === undefined || request.planHash === hash) return;
  throw new Failure(
    'approval/stale',
    `the plan for release #${release.number} in ${environment.spec.name} has changed since it was read`,
    { hint: `liftlock plan ${release.number} ${environment.spec.name}` },
  );
}

/** What is known of whoever decides, at this moment. @throws Failure when it is not a person. */
async function findApprover(
  world: World,
  tx: Transaction,
  { actor, project }: { actor: string; project: Project },
): Promise<Approver & { readonly id: PersonId }> {
  const person = await tx.people.byHandle(actor);
  if (person === undefined) throw refusal('APPROVER_UNKNOWN', `${actor} is no person here, and people decide`);
  const rights = await tx.grants.rightsOf(person.id, world.clock.now());
  return {
    id: person.id,
    handle: person.handle,
    emails: person.emails,
    disabled: person.disabledAt !== undefined,
    roles: rolesOn(rights, project.id),
  };
}

/** A rejection needs the role; an approval needs clean hands as well (R22). */
function requireStanding(
  { decision, signs }: Pick<DecisionRequest, 'decision'> & { readonly signs: boolean },
  { facts, spec, promotion, release }: Pending,
  approver: Approver,
): void {
  const known = factsOf(facts, release.id);
  const nobody = { ...known, contribution: { known: true, contributors: [], commits: 0 } } as const;
  const about = { release: decision === 'reject' ? nobody : known, origin: promotion.origin };
  const rule = approvalRule(facts, spec, about);
  if (rule === undefined) {
    const { contribution } = known;
    throw new Failure(
      'approval/not-ready',
      contribution.known ? 'it is not known yet who made it' : contribution.because,
      {
        hint: 'ask again in a moment',
      },
    );
  }
  const standing = standingOf(approver, decision === 'reject' ? { ...rule, contributors: [] } : rule);
  if (standing.counts && decision === 'approve' && spec.passkey === 'required' && !signs)
    throw refusal('PASSKEY_REQUIRED', 'approvals here are signed with a passkey', 'approve in a browser, signed in');
  if (standing.counts) return;
  throw refusal(standing.code, standing.because, hintFor(standing.code, rolesThatCount(rule)));
}

function hintFor(code: StandingCode, roles: readonly string[]): string {
  return code === 'APPROVER_LACKS_ROLE' || code === 'APPROVER_DISABLED'
    ? `approvals here are given by ${roles.join(', ')}`
    : 'somebody who had no hand in it has to decide; liftlock why names who could';
}

type RefusalCode = StandingCode | 'ALREADY_DECIDED' | 'NOT_APPROVED';

function refusal(code: RefusalCode, because: string, hint?: string): Failure {
  return new Failure('approval/refused', because, { reason: code, ...(hint === undefined ? {} : { hint }) });
}

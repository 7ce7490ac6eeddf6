/**
 * What somebody decides, as one text that anybody can read again later. Its SHA-256 is what a passkey signs, so an
 * outsider who has the text, the public key and the signature can check who approved what without asking Liftlock.
 */
import { canonicalJson, type Digest, type Json, type Sha256 } from '../base/digest.ts';
import type { ReleaseId } from '../base/id.ts';
import { isoTime, type Instant } from '../base/time.ts';
import { planHash, type Plan } from './plan.ts';

export interface Statement {
  readonly decision: 'approve' | 'reject';
  /** Handle of the person. */
  readonly person: string;
  readonly project: string;
  readonly environment: string;
  readonly release: { readonly id: ReleaseId; readonly number: number; readonly commit: string };
  readonly plan: Plan;
  readonly reason: string;
  readonly at: Instant;
  /** Different in every statement, so that a signature is good for one decision only. */
  readonly once: string;
}

/** R21: names the release by its digests, the environment, and the hashes of its gates, of the policy and of the plan. */
export function statementText(statement: Statement, sha256: Sha256): string {
  const { decision, person, project, environment, release, plan, reason, at, once } = statement;
  const hashOf = (value: unknown): Digest => sha256(canonicalJson(value as Json));
  return canonicalJson({
    statement: 'liftlock/decision/1',
    decision,
    person,
    project,
    environment,
    release: { ...release, artifact: plan.artifact },
    gates: hashOf(plan.gates),
    policy: hashOf(plan.policy),
    plan: planHash(plan, sha256),
    reason,
    at: isoTime(at),
    once,
  });
}

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  approvalBy,
  approverWith,
  factsWith,
  hour,
  later,
  noon,
  questionWith,
  releaseWith,
  sha256,
  thePlan,
} from '../../../test/make/facts.ts';
import type { Contributor } from '../access/independence.ts';
import type { ApprovalSpec } from '../pipeline/environment.ts';
import { trustDefaults } from '../pipeline/defaults.ts';
import type { Approval, ReleaseFacts } from '../promotion/facts.ts';
import type { Origin } from '../promotion/promotion.ts';
import { askGates } from './all.ts';
import { approvalGate, overdueSince } from './approval.ts';

interface Case {
  readonly approvals?: readonly Approval[];
  readonly spec?: Partial<ApprovalSpec>;
  readonly release?: Partial<ReleaseFacts>;
  readonly origin?: Origin;
  readonly separation?: 'none' | 'two-person';
}

const questionOf = ({ approvals = [], spec, release, origin, separation = 'two-person' }: Case) => {
  const gates = [{ gate: 'approval', count: 2, ...spec } as const];
  const facts = factsWith({ spec: { gates }, trust: { ...trustDefaults, separation } });
  return questionWith({
    facts,
    release: releaseWith(2, { approvals, ...release }),
    ...(origin === undefined ? {} : { origin }),
  });
};
const ask = (changes: Case) => approvalGate.answer(questionOf(changes))!;
const madeBy = (...contributors: readonly Contributor[]) => ({
  contribution: { known: true, contributors, commits: 1 } as const,
});
const otherPlan = sha256('another plan');
const author = (email: string): Contributor => ({ as: 'author', name: 'Somebody', email, commit: 'c'.repeat(40) });

test('R22: n of m counts distinct people, however often they said so', () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom('ann', 'bob', 'cid'), { maxLength: 8 }),
      fc.integer({ min: 1, max: 3 }),
      (actors, count) => {
        const answer = ask({ approvals: actors.map((actor) => approvalBy(actor, thePlan)), spec: { count } });
        assert.equal(answer.answer, new Set(actors).size >= count ? 'open' : 'waiting');
      },
    ),
  );
});

test('R21: approvals of another plan count for nothing, and the answer says that they are void', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.constantFrom('ann', 'bob', 'cid', 'dan')), (actors) => {
      const answer = ask({ approvals: actors.map((actor) => approvalBy(actor, otherPlan)) });
      assert.equal(answer.answer, 'waiting');
      for (const actor of actors) assert.ok(answer.because.includes(actor));
      assert.equal(answer.because.includes('void'), actors.length > 0);
    }),
  );
});

test('R23: one rejection of this plan closes it, whoever approved it before or after', () => {
  const people = fc.constantFrom('ann', 'bob', 'cid');
  const given = fc.array(
    fc.tuple(people, fc.constantFrom('approve' as const, 'reject' as const), fc.constantFrom(thePlan, otherPlan)),
    { maxLength: 6 },
  );
  fc.assert(
    fc.property(given, (decisions) => {
      const answer = ask({
        approvals: decisions.map(([actor, decision, plan]) => approvalBy(actor, plan, { decision })),
      });
      const rejected = decisions.some(([, decision, plan]) => decision === 'reject' && plan === thePlan);
      assert.equal(answer.answer === 'closed', rejected);
    }),
  );
});

test('R42: an answer that waits says how many are missing, which roles, and how to give one', () => {
  const answer = ask({ approvals: [approvalBy('ann', thePlan)] });
  assert.ok(answer.answer === 'waiting' && answer.waitsFor === 'person');
  assert.equal(answer.because, '1 of 2 approvals (given by ann)');
  assert.match(answer.unblock, /liftlock approve 2 production/);
  assert.equal(ask({}).because, '0 of 2 approvals');
  assert.equal(ask({ spec: { each: { qa: 2 } } }).because, '0 of 2 approvals (missing qa, qa)');
});

test('R22: two release managers do not stand for quality assurance', () => {
  const spec = { each: { qa: 1 } };
  const two = [approvalBy('ann', thePlan), approvalBy('bob', thePlan)];
  const answer = ask({ spec, approvals: two });
  assert.equal(answer.because, '2 of 3 approvals (given by ann and bob; missing qa)');
  const three = [...two, approvalBy('cid', thePlan, { approver: approverWith('cid', { roles: ['qa'] }) })];
  assert.equal(ask({ spec, approvals: three }).answer, 'open');
});

test('R22: an author, a co-author, a signer and the requester open nothing, and the answer says why', () => {
  const approvals = [approvalBy('ann', thePlan)];
  const spec = { count: 1 };
  const hands: readonly (readonly [Case, string])[] = [
    [{ release: madeBy(author('ann@example.org')) }, 'APPROVER_IS_AUTHOR'],
    [{ release: madeBy({ ...author('ann@example.org'), as: 'co-author' }) }, 'APPROVER_IS_CO_AUTHOR'],
    [{ release: madeBy({ as: 'signer', name: 'ann', handle: 'ann' }) }, 'APPROVER_IS_SIGNER'],
    [{ origin: { by: 'person', actor: 'ann' } }, 'APPROVER_IS_REQUESTER'],
  ];
  for (const [changes, code] of hands) {
    const answer = ask({ approvals, spec, ...changes });
    assert.equal(answer.answer, 'waiting');
    assert.ok(answer.because.startsWith('0 of 1 approvals') && answer.because.includes(code), answer.because);
    const alone = ask({ approvals, spec, separation: 'none', ...changes });
    assert.equal(alone.answer, 'open');
    assert.match(alone.because, /ann \(not independent: ann is /);
  }
});

test('R22: rights are judged again when the gate is asked', () => {
  const spec = { count: 1 };
  const lost = { approver: approverWith('ann', { roles: ['viewer'] }) };
  const disabled = { approver: approverWith('ann', { disabled: true }) };
  const gone = { approver: undefined };
  for (const [changes, code] of [
    [lost, 'APPROVER_LACKS_ROLE'],
    [disabled, 'APPROVER_DISABLED'],
    [gone, 'APPROVER_UNKNOWN'],
  ] as const) {
    const answer = ask({ spec, approvals: [approvalBy('ann', thePlan, changes)] });
    assert.ok(answer.answer === 'waiting' && answer.because.includes(code), answer.because);
  }
});

test('R16: while nobody knows who wrote it, it is a lookup that is waited for, and no approval counts', () => {
  const contribution = { known: false, because: 'looking', waitsFor: 'lookup', askAgainAt: later(5) } as const;
  const question = questionOf({
    spec: { count: 1, timeout: hour },
    approvals: [approvalBy('ann', thePlan)],
    release: { contribution, asked: { planHash: thePlan, at: later(-2 * hour) } },
  });
  const answer = approvalGate.answer(question);
  assert.ok(answer?.answer === 'waiting' && answer.waitsFor === 'lookup' && answer.askAgainAt === later(5));
  assert.equal(overdueSince(question), undefined);
  assert.equal(askGates(question).peopleAreAsked, false);
});

test('R21: where a passkey is required, what was said at a terminal does not count', () => {
  const spec = { count: 1, passkey: 'required' } as const;
  assert.match(ask({ spec, approvals: [approvalBy('ann', thePlan)] }).because, /PASSKEY_REQUIRED/);
  assert.equal(ask({ spec, approvals: [approvalBy('ann', thePlan, { means: 'passkey' })] }).answer, 'open');
});

test('R23, R42: the time runs from when people were asked about this plan, and is overdue when it has run out', () => {
  const spec = { timeout: hour };
  const asked = (ago: number, planHash = thePlan) => ({ spec, release: { asked: { planHash, at: later(-ago) } } });
  const answer = ask(asked(hour - 1));
  assert.ok(answer.answer === 'waiting' && answer.askAgainAt === later(1));
  assert.equal(overdueSince(questionOf(asked(hour - 1))), undefined);
  assert.equal(overdueSince(questionOf(asked(hour))), noon);
  assert.equal(overdueSince(questionOf(asked(2 * hour))), later(-hour));
  assert.equal(overdueSince(questionOf(asked(2 * hour, otherPlan))), undefined);
  assert.equal(overdueSince(questionOf({ release: asked(2 * hour).release })), undefined);
  const enough = [approvalBy('ann', thePlan), approvalBy('bob', thePlan)];
  assert.equal(overdueSince(questionOf({ ...asked(2 * hour), approvals: enough })), undefined);
});

test('R36: nobody is asked to approve a rollback', () => {
  assert.equal(approvalGate.answer({ ...questionOf({}), kind: 'rollback' }), undefined);
  assert.equal(approvalGate.answer(questionWith()), undefined);
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { PostgresStore } from '../../../src/adapters/postgres/store.ts';
import type { EnvironmentId, ReleaseId } from '../../../src/domain/base/id.ts';
import { instant } from '../../../src/domain/base/time.ts';
import type { GateSpec } from '../../../src/domain/pipeline/environment.ts';
import { usualPerformance, usualSecurity } from '../../../src/domain/pipeline/defaults.ts';
import type { NewReview, StoredCheck } from '../../../src/ports/gate-records.ts';
import type { Transaction } from '../../../src/ports/store.ts';
import { newId, sha256, withStore } from '../../world/make.ts';
import { insertRelease, insertShop, later, makeEvidence, makePromotion, makeSpec, occupy } from '../../make/records.ts';

const now = instant(10_000_000);

describe('what gates look at', () => {
  let store: PostgresStore;
  withStore((opened) => (store = opened));

  const inTransaction = <T>(work: (tx: Transaction) => Promise<T>): Promise<T> => store.transaction(work);
  const releaseFacts = async (environment: EnvironmentId, release: ReleaseId) => {
    const facts = (await store.facts(environment, { now, alsoRelease: release }))!;
    return { facts, release: facts.releases.find(({ id }) => id === release)! };
  };
  const makeCheck = (
    environment: EnvironmentId,
    release: ReleaseId,
    changes: Partial<StoredCheck> = {},
  ): StoredCheck => ({
    id: newId('chk'),
    environment,
    release,
    promotion: undefined,
    kind: 'custom',
    name: 'ticket',
    subject: 'prm plan',
    state: 'asking',
    attempt: 1,
    answer: undefined,
    because: '',
    data: undefined,
    askedAt: later(),
    answeredAt: undefined,
    dueAt: undefined,
    ...changes,
  });
  const shop = (tx: Transaction, gates: readonly GateSpec[]) =>
    insertShop(tx, [
      makeSpec('staging', { target: { kind: 'command', deploy: './deploy', timeout: 1_000 as never } }),
      makeSpec('production', { kind: 'production', after: { mode: 'all', environments: ['staging'] }, gates }),
    ]);

  test('a question is asked once for each subject, and its answer comes with the facts', async () => {
    const { environment, release, check } = await inTransaction(async (tx) => {
      const { project, environments } = await shop(tx, []);
      const made = await insertRelease(tx, project.id);
      const first = makeCheck(environments['production']!, made.id);
      assert.equal(await tx.checks.insert(first), true);
      assert.equal(await tx.checks.insert({ ...first, id: newId('chk') }), false);
      assert.equal(await tx.checks.insert({ ...first, id: newId('chk'), subject: 'another plan' }), true);
      return { environment: environments['production']!, release: made.id, check: first };
    });
    const answered: StoredCheck = {
      ...check,
      state: 'answered',
      answer: 'open',
      because: 'approved',
      answeredAt: later(),
    };
    await inTransaction((tx) => tx.checks.update(answered));
    assert.deepEqual(await inTransaction((tx) => tx.checks.get(check.id)), answered);
    const { release: facts } = await releaseFacts(environment, release);
    assert.deepEqual(
      facts.proofs.checks.map(({ subject, state, answer, because, askAgainAt }) => ({
        subject,
        state,
        answer,
        because,
        askAgainAt,
      })),
      [
        { subject: 'prm plan', state: 'answered', answer: 'open', because: 'approved', askAgainAt: undefined },
        { subject: 'another plan', state: 'asking', answer: undefined, because: '', askAgainAt: undefined },
      ],
    );
  });

  test('R39: what is due is found, and what a worker stopped touching', async () => {
    const [due, stalled] = await inTransaction(async (tx) => {
      const { project, environments } = await shop(tx, []);
      const release = await insertRelease(tx, project.id);
      const failed = makeCheck(environments['production']!, release.id, { state: 'failed', dueAt: instant(5_000) });
      const asking = makeCheck(environments['production']!, release.id, { name: 'legal', askedAt: instant(1) });
      await tx.checks.insert(failed);
      await tx.checks.insert(asking);
      return [failed, asking];
    });
    const ids = (found: readonly StoredCheck[]) => found.map(({ id }) => id);
    assert.ok(!ids(await inTransaction((tx) => tx.checks.due(instant(4_999), 10))).includes(due!.id));
    assert.ok(ids(await inTransaction((tx) => tx.checks.due(instant(5_000), 10))).includes(due!.id));
    assert.ok(ids(await inTransaction((tx) => tx.checks.stalled(instant(2)))).includes(stalled!.id));
    await inTransaction((tx) => tx.checks.touch(stalled!.id, instant(3)));
    assert.ok(!ids(await inTransaction((tx) => tx.checks.stalled(instant(2)))).includes(stalled!.id));
  });

  test('R22: commits since what runs come with their authors as people, and with their reviews', async () => {
    const { environment, release, review } = await inTransaction(async (tx) => {
      const { project, environments } = await shop(tx, [{ gate: 'review', count: 1, from: 'any' }]);
      const production = environments['production']!;
      const old = await insertRelease(tx, project.id);
      await occupy(tx, project.id, { environment: production, release: old.id });
      const made = await insertRelease(tx, project.id);
      const person = newId('per');
      await tx.people.insert({
        id: person,
        handle: `ann-${project.name}`,
        name: 'Ann',
        emails: [`ann@${project.name}.example`],
        createdAt: later(),
        createdBy: 'system:test',
        disabledAt: undefined,
      });
      const commits = [
        {
          id: made.commit,
          subject: 'new',
          authors: [`ann@${project.name}.example`, 'stranger@example.org'],
          cleanMerge: false,
        },
      ];
      const data = { commits, complete: true, emails: commits[0]!.authors };
      const subject = `${old.commit}..${made.commit}`;
      await tx.checks.insert(
        makeCheck(production, made.id, {
          kind: 'commits',
          name: 'commits',
          subject,
          state: 'answered',
          data,
          answer: 'open',
        }),
      );
      const forge = { commit: made.commit, by: 'forge:bob', decision: 'approve', from: 'forge', at: 5 };
      await tx.checks.insert(
        makeCheck(production, made.id, {
          kind: 'forge',
          name: 'forge',
          subject,
          state: 'failed',
          data: { reviews: [forge] },
        }),
      );
      const stale = { subject: `..${made.commit}`, data: { ...data, commits: [] } };
      await tx.checks.insert(
        makeCheck(production, made.id, {
          kind: 'commits',
          name: 'commits',
          state: 'answered',
          answer: 'open',
          ...stale,
        }),
      );
      const given: NewReview = {
        id: newId('rvw'),
        project: project.id,
        commit: made.commit,
        decision: 'approve',
        by: 'bob',
        reason: 'fine',
        at: later(),
      };
      await tx.reviews.insert(given);
      await tx.reviews.insert({ ...given, id: newId('rvw'), commit: old.commit });
      return { environment: production, release: made, review: given };
    });
    const { release: facts } = await releaseFacts(environment, release.id);
    const [commit] = facts.proofs.commits!.commits;
    assert.equal(facts.proofs.commits!.complete, true);
    assert.equal(commit!.id, release.commit);
    assert.ok(commit!.authors.some((author) => author.startsWith('ann-')));
    assert.ok(commit!.authors.includes('stranger@example.org'));
    const { commit: of, by, decision, at } = review;
    const forge = { commit: of, by: 'forge:bob', decision: 'approve', from: 'forge', at: 5 };
    assert.deepEqual(facts.proofs.reviews, [{ commit: of, by, decision, from: 'liftlock', at }, forge]);
  });

  test('how a release came to the environments before this one is told: by which promotion, and whether it deployed anything', async () => {
    const { environment, released, recorded, promotion } = await inTransaction(async (tx) => {
      const { project, environments } = await shop(tx, [{ gate: 'deployed' }]);
      const [one, two] = [await insertRelease(tx, project.id), await insertRelease(tx, project.id)];
      const { promotion: by } = await occupy(tx, project.id, {
        environment: environments['staging']!,
        release: one.id,
      });
      const failed = makePromotion(environments['staging']!, two.id, {
        progress: { state: 'ended', outcome: 'failed', endedAt: later() },
      });
      await tx.promotions.insert(failed, project.id);
      return { environment: environments['production']!, released: one.id, recorded: two.id, promotion: by };
    });
    const good = await releaseFacts(environment, released);
    assert.deepEqual(good.release.upstream[0]!.deployed, { promotion, outcome: 'succeeded', automated: true });
    const bad = await releaseFacts(environment, recorded);
    assert.deepEqual(
      [bad.release.upstream[0]!.deployed?.outcome, bad.release.upstream[0]!.deployed?.automated],
      ['failed', false],
    );
  });

  test('load tests of what production runs are there to compare with, and suppressions with their end', async () => {
    const { environment, release, old } = await inTransaction(async (tx) => {
      const { project, environments } = await shop(tx, [usualPerformance, usualSecurity]);
      const live = await insertRelease(tx, project.id);
      await occupy(tx, project.id, { environment: environments['production']!, release: live.id });
      await tx.evidence.insert(makeEvidence(live.id, { kind: 'load', name: 'checkout', verdict: 'FAIL' }));
      await tx.evidence.insert(makeEvidence(live.id, { kind: 'load', name: 'checkout' }));
      await tx.evidence.insert(makeEvidence(live.id, { kind: 'tests' }));
      const made = await insertRelease(tx, project.id);
      await tx.evidence.insert(
        makeEvidence(made.id, { kind: 'scan', name: 'trivy', standing: 'attested', verdict: 'FAIL' }),
      );
      await tx.evidence.insert(makeEvidence(made.id, { kind: 'scan', name: 'trivy', standing: 'claimed' }));
      const suppression = {
        id: newId('sup'),
        project: project.id,
        owner: 'sue',
        reason: 'no',
        until: instant(5),
        at: later(),
      };
      await tx.suppressions.insert({ ...suppression, finding: 'CVE-1' });
      await tx.suppressions.insert({ ...suppression, id: newId('sup'), finding: 'CVE-2' });
      assert.equal(await tx.suppressions.lift(project.id, 'CVE-2', { by: 'sue', at: later() }), 1);
      return { environment: environments['production']!, release: made.id, old: live };
    });
    const { facts, release: known } = await releaseFacts(environment, release);
    assert.deepEqual(
      [facts.baseline?.release, facts.baseline?.number, facts.baseline?.environment],
      [old.id, old.number, 'production'],
    );
    assert.deepEqual(
      facts.baseline?.evidence.map(({ kind, verdict }) => [kind, verdict]),
      [['load', 'PASS']],
    );
    assert.deepEqual(facts.suppressions, [{ finding: 'CVE-1', owner: 'sue', reason: 'no', until: 5 }]);
    // What somebody uploaded does not hide what was attested.
    assert.deepEqual(
      known.evidence.map(({ standing, verdict }) => [standing, verdict]),
      [
        ['attested', 'FAIL'],
        ['claimed', 'PASS'],
      ],
    );
  });

  test('R21: release notes take the place of those before, and a plan is accepted once', async () => {
    const { environment, release } = await inTransaction(async (tx) => {
      const { project, environments } = await shop(tx, []);
      const production = environments['production']!;
      const made = await insertRelease(tx, project.id);
      const paper = {
        environment: production,
        release: made.id,
        body: 'generated',
        digest: sha256('generated'),
        source: 'generated',
        base: undefined,
        by: 'system:engine',
        at: later(),
        acceptedBy: 'rex',
        acceptedAt: later(),
      } as const;
      await tx.notes.put(paper);
      const written = {
        ...paper,
        body: 'ours',
        source: 'written',
        by: 'ann',
        acceptedBy: undefined,
        acceptedAt: undefined,
      } as const;
      await tx.notes.put(written);
      assert.deepEqual(await tx.notes.get(production, made.id), written);
      const accepted = {
        id: newId('pac'),
        environment: production,
        release: made.id,
        planHash: sha256('plan') as never,
        document: { steps: ['run it'] },
        by: 'rex',
        reason: 'read',
        at: later(),
      };
      assert.equal(await tx.plans.accept(accepted), true);
      assert.equal(await tx.plans.accept({ ...accepted, id: newId('pac') }), false);
      assert.deepEqual(await tx.plans.of(production, made.id), [accepted]);
      return { environment: production, release: made.id };
    });
    const { release: facts } = await releaseFacts(environment, release);
    assert.equal(facts.proofs.notes?.source, 'written');
    assert.equal(facts.proofs.notes?.acceptedBy, undefined);
    assert.deepEqual(
      facts.proofs.plans.map(({ planHash, by }) => [planHash, by]),
      [[sha256('plan'), 'rex']],
    );
  });

  test('changes are numbered within their project, one for a promotion, also when two begin at once', async () => {
    const { project, promotions } = await inTransaction(async (tx) => {
      const made = await shop(tx, []);
      const release = await insertRelease(tx, made.project.id);
      const both = [
        makePromotion(made.environments['production']!, release.id),
        makePromotion(made.environments['staging']!, release.id),
      ];
      for (const promotion of both) await tx.promotions.insert(promotion, made.project.id);
      return { project: made.project.id, promotions: both };
    });
    const open = (promotion: (typeof promotions)[number]) =>
      inTransaction(async (tx) => {
        const number = await tx.changes.nextNumber(project);
        return tx.changes.insert({
          promotion: promotion.id,
          project,
          number,
          document: { of: promotion.id },
          openedAt: later(),
        });
      });
    assert.deepEqual(await Promise.all(promotions.map(open)), [true, true]);
    assert.equal(await open(promotions[0]!), false);
    const listed = await inTransaction((tx) => tx.changes.list(project, { limit: 5 }));
    assert.deepEqual(
      listed.map(({ number }) => number),
      [2, 1],
    );
    assert.deepEqual(await inTransaction((tx) => tx.changes.byNumber(project, 1)), listed[1]);
    assert.deepEqual(await inTransaction((tx) => tx.changes.ofPromotion(listed[0]!.promotion)), listed[0]);
    const again = { ...listed[0]!, document: { of: 'a second start' }, openedAt: later() };
    await inTransaction((tx) => tx.changes.replace(again));
    assert.deepEqual(await inTransaction((tx) => tx.changes.list(project, { limit: 5 })), [again, listed[1]]);
  });

  test('R19: one pipeline at a time waits for a second person, and its end is recorded', async () => {
    await inTransaction(async (tx) => {
      const { project } = await shop(tx, []);
      const { pipeline } = (await tx.pipelines.current(project.id))!;
      const proposal = {
        id: newId('ppr'),
        project: project.id,
        base: project.revision!,
        digest: sha256('pipeline') as never,
        pipeline,
        text: 'project: shop',
        weakenings: [{ what: 'gate-removed', environment: 'production', sentence: 'the gate qa is gone' }],
        proposedBy: 'ann',
        sourceUrl: undefined,
        proposedAt: later(),
        state: 'proposed',
        decidedBy: undefined,
        decidedAt: undefined,
        reason: undefined,
      } as const;
      await tx.proposals.insert(proposal);
      assert.deepEqual(await tx.proposals.open(project.id), proposal);
      await tx.proposals.decide(proposal.id, { state: 'rejected', by: 'bob', at: later(), reason: 'no' });
      assert.equal(await tx.proposals.open(project.id), undefined);
    });
  });
});

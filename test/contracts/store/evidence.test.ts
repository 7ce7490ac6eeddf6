import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { PostgresStore } from '../../../src/adapters/postgres/store.ts';
import type { EnvironmentId, ReleaseId } from '../../../src/domain/base/id.ts';
import { instant } from '../../../src/domain/base/time.ts';
import type { Evidence } from '../../../src/domain/release/evidence.ts';
import { newId, query, withStore, type TestDatabase } from '../../world/make.ts';
import { insertRelease, insertShop, makeEvidence, makeSpec } from '../../make/records.ts';

const now = instant(10_000_000);

describe('evidence in the store', () => {
  let database: TestDatabase;
  let store: PostgresStore;
  withStore((opened, its) => ([store, database] = [opened, its]));

  const shop = () =>
    store.transaction(async (tx) => {
      const specs = [makeSpec('staging'), makeSpec('production', { triggers: [{ on: 'success' }] })];
      const { project, environments } = await insertShop(tx, specs);
      return { environments, release: await insertRelease(tx, project.id) };
    });
  const insert = (...pieces: readonly Evidence[]) =>
    store.transaction(async (tx) => {
      for (const piece of pieces) await tx.evidence.insert(piece);
    });
  const factsOf = async (environment: EnvironmentId, release: ReleaseId) => {
    const facts = await store.facts(environment, { now, alsoRelease: release });
    return facts!.releases.find(({ id }) => id === release)!.evidence;
  };

  test('what was put in comes out again, whole and in the order of recording', async () => {
    const { release, environments } = await shop();
    const full = makeEvidence(release.id, {
      environment: environments['staging'],
      promotion: newId('prm'),
      gitCommit: 'c'.repeat(40),
      details: { of: 'tests', counts: { tests: 2, failures: 1, errors: 0, skipped: 0 }, failed: ['a › b'], flaky: [] },
      format: 'junit',
      expiresAt: instant(99),
      run: 'verify/1',
    });
    const bare = makeEvidence(release.id, {
      at: instant(1),
      details: undefined,
      format: undefined,
      content: undefined,
    });
    await insert(full, bare);
    assert.deepEqual(await store.transaction((tx) => tx.evidence.ofRelease(release.id)), [full, bare]);
    assert.deepEqual(await store.transaction((tx) => tx.evidence.get(full.id)), full);
    assert.equal(await store.transaction((tx) => tx.evidence.get(newId('evd'))), undefined);
  });

  test('facts hold the latest of each kind, name and environment, whatever the clocks said, wherever it was made', async () => {
    const { release, environments } = await shop();
    const of = (changes: Partial<Evidence>) => makeEvidence(release.id, changes);
    const staging = environments['staging'];
    const old = of({ kind: 'tests', name: 'unit', verdict: 'PASS', at: instant(9_000) });
    const latest = of({ kind: 'tests', name: 'unit', verdict: 'FAIL', at: instant(5_000), expiresAt: instant(6_000) });
    const elsewhere = of({ kind: 'tests', name: 'unit', environment: staging, verdict: 'PASS' });
    const other = of({ kind: 'scan', name: 'unit', standing: 'claimed', by: 'ada' });
    await insert(old, latest, elsewhere, other);
    const facts = await factsOf(environments['production']!, release.id);
    assert.deepEqual(
      facts.map(({ id, environment }) => [id, environment]),
      [
        [latest.id, undefined],
        [elsewhere.id, 'staging'],
        [other.id, undefined],
      ],
    );
    const { id, kind, name, verdict, standing, by, summary, details, at, expiresAt } = latest;
    assert.deepEqual(facts[0], {
      id,
      kind,
      name,
      verdict,
      standing,
      by,
      summary,
      details,
      at,
      expiresAt,
      environment: undefined,
    });
  });

  test('evidence of another release with the same artifact is not this release’s', async () => {
    const [one, other] = [await shop(), await shop()];
    await insert(makeEvidence(other.release.id));
    assert.deepEqual(await factsOf(one.environments['production']!, one.release.id), []);
  });

  test('words that nobody knows are refused by the database too', async () => {
    const { release } = await shop();
    await assert.rejects(insert(makeEvidence(release.id, { kind: 'rumour' as never })), /evidence_kind/);
    await assert.rejects(insert(makeEvidence(release.id, { standing: 'sworn' as never })), /evidence_standing/);
    assert.deepEqual(await query(database.url, 'select id from evidence where release_id = $1', [release.id]), []);
  });
});

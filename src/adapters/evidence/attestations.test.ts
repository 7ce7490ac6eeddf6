import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sha256 } from '../../../test/make/facts.ts';
import { golden } from '../../../test/make/report-of.ts';
import { makeEvidence } from '../../../test/make/records.ts';
import { newId } from '../../../test/world/make.ts';
import { hexOf } from '../../domain/base/digest.ts';
import { instant } from '../../domain/base/time.ts';
import type { Evidence } from '../../domain/release/evidence.ts';
import type { Statement } from '../../ports/attestations.ts';
import { createAttestations } from './attestations.ts';
import { seal } from './dsse.ts';
import { privateKeyOf } from './keys.ts';
import { createReports } from './reports.ts';

const reports = createReports();
const ours = createAttestations(new Uint8Array(32).fill(1), reports);
const theirs = createAttestations(new Uint8Array(32).fill(2), reports);
const artifact = sha256('the artifact');
const commit = 'c'.repeat(40);
const at = instant(Date.UTC(2026, 2, 4, 12));

/** The statement, signed by somebody, as it is read. */
async function opened(statement: unknown): Promise<Statement | { readonly problem: string }> {
  const content = seal(Buffer.from(JSON.stringify(statement)), privateKeyOf(new Uint8Array(32).fill(3)), 'x');
  return (await ours.open(content))!.statement;
}

async function statementOf(predicateType: string, predicate: unknown): Promise<Statement> {
  const statement = await opened({
    _type: 'https://in-toto.io/Statement/v1',
    subject: [{ name: 'shop', digest: { sha256: hexOf(artifact), gitCommit: commit } }],
    predicateType,
    predicate,
  });
  assert.ok(statement.problem === undefined, statement.problem);
  return statement;
}

const evidence = (changes: Partial<Evidence>): Evidence =>
  makeEvidence(newId('rel'), { artifact, gitCommit: commit, at, ...changes });

test('what Liftlock attests is read back as it was meant: tests, a command, a build', async () => {
  const counts = { tests: 3, failures: 0, errors: 0, skipped: 1 };
  const tests = evidence({ details: { of: 'tests', counts, failed: [], flaky: ['a'] }, name: 'unit' });
  const command = evidence({ kind: 'command', name: 'smoke', details: { of: 'exit', code: 0 } });
  const build = evidence({ kind: 'build', name: 'build', details: undefined });
  const types = [];
  for (const [piece, environment] of [
    [tests, 'staging'],
    [command, undefined],
    [build, undefined],
  ] as const) {
    const parameters = piece === build ? { build: { startedAt: instant(at - 1_000), commands: ['npm ci'] } } : {};
    const envelope = await ours.open(ours.attest({ evidence: piece, environment, ...parameters }));
    assert.ok(envelope !== undefined && envelope.statement.problem === undefined);
    assert.equal(envelope.isSignedBy(ours.key), true);
    assert.equal(envelope.isSignedBy(theirs.key), false);
    const { subjects, commits, kinds, name, environment: place, madeAt, predicateType } = envelope.statement;
    assert.deepEqual([subjects, commits, name, place, madeAt], [[artifact], [commit], piece.name, environment, at]);
    assert.equal(kinds[0], piece.kind);
    types.push(predicateType);
  }
  assert.deepEqual(types, [
    'https://in-toto.io/attestation/test-result/v0.1',
    'https://in-toto.io/attestation/svr/v0.1',
    'https://slsa.dev/provenance/v1',
  ]);
});

test('R20: what did not pass is attested as not passed', async () => {
  const counts = { tests: 0, failures: 0, errors: 0, skipped: 0 };
  for (const piece of [
    evidence({ verdict: 'INCONCLUSIVE', details: { of: 'tests', counts, failed: [], flaky: [] } }),
    evidence({ verdict: 'FAIL', kind: 'command', details: { of: 'exit', code: 1 } }),
    evidence({ verdict: 'INCONCLUSIVE', kind: 'load', details: undefined }),
  ]) {
    const envelope = await ours.open(ours.attest({ evidence: piece, environment: undefined }));
    assert.ok(envelope?.statement.problem === undefined);
    assert.notEqual(envelope!.statement.reading.verdict, 'PASS');
  }
});

test('the same result gives the same payload, another one another', async () => {
  const piece = evidence({});
  const payloads = [];
  for (const one of [piece, piece, { ...piece, verdict: 'FAIL' as const }])
    payloads.push((await ours.open(ours.attest({ evidence: one, environment: undefined })))!.payload);
  assert.equal(payloads[0], payloads[1]);
  assert.notEqual(payloads[0], payloads[2]);
});

test('a test result passes only when it says so, names a test and none failed', async () => {
  const type = 'https://in-toto.io/attestation/test-result/v0.1';
  const verdict = async (predicate: object) =>
    (await statementOf(type, { configuration: [], ...predicate })).reading.verdict;
  assert.equal(await verdict({ result: 'PASSED', passedTests: ['a'], timeCreated: '2026-03-04T12:00:00Z' }), 'PASS');
  assert.equal(await verdict({ result: 'PASSED', passedTests: ['a'], failedTests: ['b'] }), 'FAIL');
  assert.equal(await verdict({ result: 'FAILED', passedTests: ['a'] }), 'FAIL');
  assert.equal(await verdict({ result: 'WARNED', passedTests: ['a'] }), 'INCONCLUSIVE');
  assert.equal(await verdict({ result: 'PASSED' }), 'INCONCLUSIVE');
  assert.equal(await verdict({}), 'INCONCLUSIVE');
});

test('vulnerabilities are judged by the worst rating of each; an absent result is not an empty one', async () => {
  const type = 'https://in-toto.io/attestation/vulns/v0.2';
  const scan = async (result: unknown) =>
    statementOf(type, {
      scanner: { uri: 'pkg:generic/trivy', result },
      metadata: { scanFinishedOn: '2026-03-04T12:00:00Z' },
    });
  const rated = (...severity: readonly object[]) => [{ id: 'CVE-1', severity }];
  assert.equal((await scan([])).reading.verdict, 'PASS');
  assert.equal((await scan([])).madeAt, at);
  assert.equal((await scan(undefined)).reading.verdict, 'INCONCLUSIVE');
  assert.equal(
    (await scan(rated({ method: 'nvd', score: 'medium' }, { method: 'cvss_score', score: '5.2' }))).reading.verdict,
    'PASS',
  );
  assert.equal(
    (await scan(rated({ method: 'nvd', score: 'low' }, { method: 'cvss_score', score: '9.1' }))).reading.verdict,
    'FAIL',
  );
  assert.equal((await scan(rated({ method: 'mood', score: 'grim' }))).reading.verdict, 'INCONCLUSIVE');
});

test('bills of materials and reports of tools are read as they are when they come unsigned', async () => {
  const spdx = await statementOf('https://spdx.dev/Document/v2.3', JSON.parse(golden('spdx-npm.json').toString()));
  assert.deepEqual([spdx.kinds, spdx.reading.verdict], [['sbom'], 'PASS']);
  assert.ok(spdx.madeAt !== undefined);
  const cyclonedx = await statementOf('https://cyclonedx.org/bom', JSON.parse(golden('cyclonedx-npm.json').toString()));
  assert.deepEqual([cyclonedx.kinds[0], cyclonedx.reading.verdict], ['sbom', 'PASS']);
  const report = await statementOf('urn:liftlock:report:v1', {
    format: 'autocannon',
    report: golden('autocannon-good.json').toString(),
    name: 'home page',
    environment: 'staging',
    exitCode: 0,
    timeCreated: '2026-03-04T13:00:00+01:00',
  });
  assert.deepEqual(
    [report.kinds, report.reading.verdict, report.name, report.environment, report.madeAt],
    [['load'], 'PASS', 'home page', 'staging', at],
  );
  const failed = await statementOf('urn:liftlock:report:v1', {
    format: 'autocannon',
    report: golden('autocannon-good.json').toString(),
    exitCode: 1,
  });
  assert.equal(failed.reading.verdict, 'FAIL');
  assert.equal(
    (await statementOf('urn:liftlock:report:v1', { format: 'horoscope', report: '' })).reading.verdict,
    'INCONCLUSIVE',
  );
});

test('of a simple verification result only the properties that Liftlock knows count', async () => {
  const svr = (properties: unknown) =>
    statementOf('https://in-toto.io/attestation/svr/v0.1', { verifier: { id: 'https://ci' }, properties });
  assert.deepEqual(
    [(await svr(['LIFTLOCK_SCAN_PASSED'])).kinds, (await svr(['LIFTLOCK_SCAN_PASSED'])).reading.verdict],
    [['scan'], 'PASS'],
  );
  for (const properties of [[], ['SLSA_BUILD_LEVEL_0'], undefined, 'LIFTLOCK_SCAN_PASSED'])
    assert.equal((await svr(properties)).reading.verdict, 'INCONCLUSIVE');
});

test('a time without an offset is no time', async () => {
  for (const timeCreated of [
    '2026-03-04T12:00:00',
    '2026-03-04',
    'yesterday',
    1_772_625_600_000,
    '2026-13-04T12:00:00Z',
  ])
    assert.equal((await statementOf('urn:liftlock:report:v1', { timeCreated })).madeAt, undefined, String(timeCreated));
});

test('what is no statement, about nothing or of a strange type, is told', async () => {
  const good = {
    _type: 'https://in-toto.io/Statement/v1',
    subject: [{ digest: {} }],
    predicateType: 'urn:liftlock:report:v1',
    predicate: {},
  };
  for (const [changes, problem] of [
    [{ _type: 'https://in-toto.io/Statement/v0.1' }, /no statement of type/],
    [{ subject: [] }, /0 subjects/],
    [{ subject: Array.from({ length: 1_001 }, () => ({})) }, /1001 subjects/],
    [{ predicateType: undefined }, /names no type/],
    [
      { predicateType: 'https://example.com/horoscope' },
      /does not read predicates of type https:\/\/example.com\/horoscope/,
    ],
  ] as const)
    assert.match(String((await opened({ ...good, ...changes })).problem), problem);
});

test('what is no envelope is left to others', async () => {
  for (const text of ['', '{}', '[]', '<a/>', '{"payload":"e30="}', '{"payloadType":', 'payloadType payload'])
    assert.equal(await ours.open(Buffer.from(text)), undefined, text);
  const broken = await ours.open(Buffer.from('{"payloadType":"text/plain","payload":"e30=","signatures":[]}'));
  assert.match(String(broken?.statement.problem), /its payload is not application\/vnd\.in-toto\+json/);
});

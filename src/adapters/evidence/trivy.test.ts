import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findingsOf, golden, readingOf } from '../../../test/make/report-of.ts';

const trivy = (...results: readonly object[]) => ({
  SchemaVersion: 2,
  ArtifactName: 'shop',
  ArtifactType: 'filesystem',
  Results: results,
});
const read = (report: unknown) => readingOf(report, { format: 'trivy' });

test('the documented shape is read: packages, misconfigurations, secrets, and what was suppressed', async () => {
  const reading = await readingOf(golden('trivy-documented.json'));
  const { findings, suppressed } = findingsOf(reading);
  assert.equal(reading.verdict, 'FAIL');
  assert.deepEqual(
    findings.map(({ id, severity, where }) => [id, severity, where]),
    [
      ['aws-access-key-id', 'critical', 'config.env'],
      ['CVE-2021-23337', 'high', 'lodash 4.17.15'],
      ['DS002', 'high', 'Dockerfile'],
      ['CVE-2020-7598', 'medium', 'minimist 1.2.0'],
      ['CVE-2020-8203', 'high', 'lodash 4.17.15'],
    ],
  );
  assert.deepEqual([suppressed, findings.at(-1)!.suppressed], [1, { because: 'not reachable' }]);
});

test('R20: a report without results looked at nothing', async () => {
  for (const report of [{ SchemaVersion: 2 }, { SchemaVersion: 2, Results: null }, trivy()])
    assert.equal((await read(report)).verdict, 'INCONCLUSIVE');
  assert.equal((await read(trivy({ Target: 'package-lock.json', Class: 'lang-pkgs' }))).verdict, 'PASS');
});

test('another schema version is refused', async () => {
  assert.equal((await read({ ...trivy({ Target: 'a' }), SchemaVersion: 1 })).verdict, 'INCONCLUSIVE');
});

test('a misconfiguration that passed is none, and an unknown severity is not rated', async () => {
  const passed = { Target: 'a', Misconfigurations: [{ ID: 'DS001', Severity: 'CRITICAL', Status: 'PASS' }] };
  assert.equal((await read(trivy(passed))).verdict, 'PASS');
  const unknown = { Target: 'a', Vulnerabilities: [{ VulnerabilityID: 'CVE-1', Severity: 'UNKNOWN' }] };
  assert.equal((await read(trivy(unknown))).verdict, 'INCONCLUSIVE');
});

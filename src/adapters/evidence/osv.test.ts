import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findingsOf, golden, readingOf } from '../../../test/make/report-of.ts';

const read = (report: unknown, exitCode?: number | null) =>
  readingOf(report, { format: 'osv', ...(exitCode === undefined ? {} : { exitCode }) });
const withPackage = (entry: object) => ({ results: [{ source: { path: 'package-lock.json' }, packages: [entry] }] });
const lodash = { package: { name: 'lodash', version: '4.17.15', ecosystem: 'npm' } };

test('the documented shape is read: one finding for each group of ids', async () => {
  const reading = await readingOf(golden('osv-documented.json'), { exitCode: 1 });
  assert.equal(reading.verdict, 'FAIL');
  assert.deepEqual(
    findingsOf(reading).findings.map(({ id, severity, score, where }) => [id, severity, score, where]),
    [
      ['GHSA-35jh-r3h4-6jhm', 'high', 7.2, 'lodash 4.17.15'],
      ['GHSA-vh95-rmgr-6w4m', 'medium', 5.6, 'minimist 1.2.0'],
    ],
  );
});

test('R20: an empty report means something only together with the exit code', async () => {
  const empty = { results: [] };
  for (const [exitCode, verdict, because] of [
    [0, 'PASS', /no findings/],
    [undefined, 'INCONCLUSIVE', /without its exit code/],
    [null, 'INCONCLUSIVE', /did not finish/],
    [1, 'INCONCLUSIVE', /exited with 1/],
    [127, 'INCONCLUSIVE', /an error/],
    [128, 'INCONCLUSIVE', /no packages/],
  ] as const) {
    const reading = await read(empty, exitCode);
    assert.equal(reading.verdict, verdict, String(exitCode));
    assert.match(reading.summary, because);
  }
});

test('R20: an error beside small findings leaves the question open, beside grave ones it fails', async () => {
  const rated = (severity: string) =>
    withPackage({ ...lodash, groups: [{ ids: ['A'], max_severity: severity }], vulnerabilities: [{ id: 'A' }] });
  assert.equal((await read(rated('3.1'), 127)).verdict, 'INCONCLUSIVE');
  assert.equal((await read(rated('3.1'), 1)).verdict, 'PASS');
  assert.equal((await read(rated('7.0'), 127)).verdict, 'FAIL');
});

test('without a score the word of the advisory counts, and without either it is not rated', async () => {
  const worded = { id: 'A', database_specific: { severity: 'HIGH' } };
  const grouped = (vulnerability: object) =>
    withPackage({ ...lodash, groups: [{ ids: ['A'], max_severity: '' }], vulnerabilities: [vulnerability] });
  assert.equal((await read(grouped(worded), 1)).verdict, 'FAIL');
  assert.equal((await read(grouped({ id: 'A' }), 1)).verdict, 'INCONCLUSIVE');
  assert.equal((await read(withPackage({ ...lodash, vulnerabilities: [worded] }), 1)).verdict, 'FAIL');
});

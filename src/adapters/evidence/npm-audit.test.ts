import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findingsOf, golden, readingOf } from '../../../test/make/report-of.ts';

const clean = JSON.parse(golden('npm-audit-clean.json').toString()) as Record<string, object>;
const high = JSON.parse(golden('npm-audit-high.json').toString()) as Record<string, object>;
const read = (report: unknown) => readingOf(report, { format: 'npm-audit' });

test('what npm writes is read: nothing found, moderate ones, high ones', async () => {
  const verdicts = [];
  for (const name of ['clean', 'moderate', 'high']) {
    const reading = await readingOf(golden(`npm-audit-${name}.json`));
    verdicts.push([reading.verdict, findingsOf(reading).findings.map(({ id, severity }) => `${id} ${severity}`)]);
  }
  assert.deepEqual(verdicts, [
    ['PASS', []],
    ['PASS', ['GHSA-vh95-rmgr-6w4m medium']],
    ['FAIL', ['GHSA-p6mc-m468-83gw high', 'GHSA-vh95-rmgr-6w4m medium']],
  ]);
  const [lodash] = findingsOf(await readingOf(golden('npm-audit-high.json'))).findings;
  assert.deepEqual([lodash!.score, lodash!.where], [7.4, 'lodash 4.17.15']);
});

test('R20: when the registry cannot be asked npm writes JSON all the same, and that is not clean', async () => {
  const reading = await readingOf(golden('npm-audit-unreachable.json'));
  assert.equal(reading.verdict, 'INCONCLUSIVE');
  assert.match(reading.summary, /^npm could not audit: request to .* failed, reason: connect ECONNREFUSED/);
  assert.equal((await read({ ...clean, error: { code: 'ENOAUDIT' } })).verdict, 'INCONCLUSIVE');
});

test('R20: a report without its list, of another version or without a sum is inconclusive', async () => {
  for (const report of [
    { ...clean, vulnerabilities: undefined },
    { ...clean, vulnerabilities: [] },
    { ...clean, auditReportVersion: 1 },
    { ...clean, auditReportVersion: undefined, advisories: {} },
    { ...clean, metadata: {} },
    {},
    [],
    null,
  ])
    assert.equal((await read(report)).verdict, 'INCONCLUSIVE', JSON.stringify(report));
});

test('R20: a list that differs from the declared numbers is inconclusive, unless what is listed fails already', async () => {
  const metadata = high['metadata'] as { vulnerabilities: object };
  const emptied = await read({ ...high, vulnerabilities: {} });
  assert.deepEqual([emptied.verdict, emptied.summary.includes('it declares 2 and lists 0')], ['INCONCLUSIVE', true]);
  assert.equal((await read({ ...high, metadata: clean['metadata'] })).verdict, 'FAIL');
  const shifted = { ...metadata, vulnerabilities: { ...metadata.vulnerabilities, moderate: 0, low: 1 } };
  const moderate = JSON.parse(golden('npm-audit-moderate.json').toString()) as object;
  assert.equal(
    (
      await read({
        ...moderate,
        metadata: { ...shifted, vulnerabilities: { ...shifted.vulnerabilities, high: 0, total: 1 } },
      })
    ).verdict,
    'INCONCLUSIVE',
  );
});

test('a package that is vulnerable through another is a finding of its own', async () => {
  const vulnerabilities = { app: { name: 'app', severity: 'critical', via: ['lodash'], range: '*' } };
  const reading = await read({ auditReportVersion: 2, vulnerabilities, metadata: {} });
  assert.equal(reading.verdict, 'FAIL');
  assert.equal(findingsOf(reading).findings[0]!.title, 'through lodash');
});

test('a rating that npm does not have is not rated', async () => {
  const vulnerabilities = { a: { name: 'a', severity: 'apocalyptic', via: [] } };
  assert.equal((await read({ auditReportVersion: 2, vulnerabilities, metadata: {} })).verdict, 'INCONCLUSIVE');
});

test('names that mean something to JavaScript are only names', async () => {
  const text =
    '{"auditReportVersion":2,"vulnerabilities":{"__proto__":{"severity":"high","via":[]},"constructor":{"severity":"low","via":[]}},"metadata":{}}';
  const reading = await readingOf(Buffer.from(text), { format: 'npm-audit' });
  assert.deepEqual(
    findingsOf(reading).findings.map(({ severity }) => severity),
    ['high', 'low'],
  );
  assert.equal(({} as { severity?: string }).severity, undefined);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findingsOf, golden, readingOf } from '../../../test/make/report-of.ts';

const sarif = (results: unknown, run: object = {}) => ({
  version: '2.1.0',
  runs: [{ tool: { driver: { name: 'linter', rules: [] } }, results, ...run }],
});
const read = (log: unknown) => readingOf(log, { format: 'sarif' });
const one = (result: object, rules: readonly object[] = []) =>
  read(sarif([{ ruleId: 'R1', message: { text: 'bad' }, ...result }], { tool: { driver: { name: 'linter', rules } } }));
const severityOf = async (reading: ReturnType<typeof one>) => findingsOf(await reading).findings[0]?.severity;

test('what oxlint writes is read: nothing, warnings, errors', async () => {
  const verdicts = [];
  for (const name of ['clean', 'warnings', 'errors']) {
    const reading = await readingOf(golden(`sarif-oxlint-${name}.sarif`));
    verdicts.push([reading.verdict, findingsOf(reading).findings.length, findingsOf(reading).tool]);
  }
  assert.deepEqual(verdicts, [
    ['PASS', 0, 'oxlint'],
    ['PASS', 2, 'oxlint'],
    ['FAIL', 2, 'oxlint'],
  ]);
});

test('a byte order mark and UTF-16 are read', async () => {
  const text = golden('sarif-oxlint-warnings.sarif').toString();
  for (const content of [Buffer.from(`\ufeff${text}`), Buffer.from(`\ufeff${text}`, 'utf16le')])
    assert.equal(findingsOf(await readingOf(content)).findings.length, 2);
});

test('R20: results that are absent, null or no list are not "no results"', async () => {
  for (const results of [undefined, null, {}, 0]) {
    const reading = await read(sarif(results));
    assert.equal(reading.verdict, 'INCONCLUSIVE');
    assert.match(reading.summary, /has looked at nothing/);
  }
  assert.equal((await read({ version: '2.1.0', runs: [] })).verdict, 'INCONCLUSIVE');
});

test('R20: one run that looked at nothing spoils the pass of the others', async () => {
  const [good] = sarif([]).runs;
  assert.equal(
    (await read({ version: '2.1.0', runs: [good, { ...good, results: undefined }] })).verdict,
    'INCONCLUSIVE',
  );
  assert.equal((await read({ version: '2.1.0', runs: [good, good] })).verdict, 'PASS');
});

test('R20: a tool that did not run to its end, or reports errors of its own, has not passed anything', async () => {
  const stopped = await read(
    sarif([], { invocations: [{ executionSuccessful: true }, { executionSuccessful: false }] }),
  );
  assert.deepEqual(
    [stopped.verdict, stopped.summary],
    ['INCONCLUSIVE', 'linter: no findings, but the tool says that it did not run to its end'],
  );
  const broken = sarif([], {
    invocations: [{ executionSuccessful: true, toolExecutionNotifications: [{ level: 'error' }] }],
  });
  assert.equal((await read(broken)).verdict, 'INCONCLUSIVE');
  const failing = sarif([{ level: 'error', message: { text: 'x' } }], {
    invocations: [{ executionSuccessful: false }],
  });
  assert.equal((await read(failing)).verdict, 'FAIL');
});

test('another version than 2.1.0 is refused', async () => {
  for (const version of ['2.0.0', '2.1', '2.2', undefined, 2.1]) {
    const { verdict, summary } = await read({ ...sarif([]), version });
    assert.equal(verdict, 'INCONCLUSIVE');
    assert.match(summary, /not 2\.1\.0/);
  }
});

test('a level comes from the result, else from its rule, else it is a warning', async () => {
  const strict = [{ id: 'R1', defaultConfiguration: { level: 'error' } }];
  assert.equal(await severityOf(one({ level: 'note' }, strict)), 'low');
  assert.equal(await severityOf(one({}, strict)), 'high');
  assert.equal(await severityOf(one({ ruleId: 'R1/part' }, strict)), 'high');
  assert.equal(await severityOf(one({ ruleId: undefined, ruleIndex: 0 }, strict)), 'high');
  assert.equal(await severityOf(one({ ruleId: undefined, rule: { id: 'R1' } }, strict)), 'high');
  assert.equal(await severityOf(one({}, [{ id: 'R1' }])), 'medium');
  assert.equal(await severityOf(one({})), 'medium');
  assert.equal(await severityOf(one({ level: 'grave' })), 'unknown');
});

test('the rule of an extension is found through its component', async () => {
  const tool = {
    driver: { name: 'linter', rules: [{ id: 'R1' }] },
    extensions: [{ rules: [{ id: 'X' }, { id: 'R1', defaultConfiguration: { level: 'error' } }] }],
  };
  const result = { rule: { index: 1, toolComponent: { index: 0 } }, message: { text: 'x' } };
  assert.equal(await severityOf(read(sarif([result], { tool }))), 'high');
});

test('a security severity of 7 or more fails, whatever the level; an error is never less than high', async () => {
  const rated = (score: unknown) => [{ id: 'R1', properties: { 'security-severity': score } }];
  for (const [score, severity, verdict] of [
    ['9.8', 'critical', 'FAIL'],
    [7, 'high', 'FAIL'],
    ['6.9', 'medium', 'PASS'],
    ['0.0', 'info', 'PASS'],
  ] as const) {
    const reading = await one({ level: 'note' }, rated(score));
    assert.deepEqual([findingsOf(reading).findings[0]!.severity, reading.verdict], [severity, verdict]);
  }
  assert.equal(await severityOf(one({ level: 'error' }, rated('2.0'))), 'high');
  assert.equal(await severityOf(one({ level: 'warning' }, rated('a lot'))), 'medium');
});

test('suppressions count only when accepted, and are listed', async () => {
  const suppressed = (...suppressions: readonly object[]) => one({ level: 'error', suppressions });
  const accepted = { kind: 'external', status: 'accepted', justification: 'only in tests' };
  const reading = await suppressed(accepted);
  assert.equal(reading.verdict, 'PASS');
  assert.deepEqual(findingsOf(reading).findings[0]!.suppressed, { because: 'only in tests' });
  assert.match(reading.summary, /\(1 suppressed\)/);
  for (const refused of [
    [],
    [{ kind: 'inSource' }],
    [{ ...accepted, status: 'rejected' }],
    [{ ...accepted, status: 'underReview' }],
    [accepted, { kind: 'inSource' }],
  ])
    assert.equal((await suppressed(...refused)).verdict, 'FAIL', JSON.stringify(refused));
});

test('what passed, does not apply or is gone is no finding; what a person must look at is inconclusive', async () => {
  for (const result of [
    { kind: 'pass' },
    { kind: 'notApplicable' },
    { kind: 'informational' },
    { baselineState: 'absent', level: 'error' },
  ])
    assert.equal((await one(result)).verdict, 'PASS', JSON.stringify(result));
  for (const kind of ['open', 'review']) assert.equal((await one({ kind })).verdict, 'INCONCLUSIVE');
});

test('however many results there are, the worst are listed and all are counted', async () => {
  const results = Array.from({ length: 1_000 }, (_, index) => ({
    ruleId: `R${index}`,
    level: index === 999 ? 'error' : 'note',
    message: { text: 'x'.repeat(2_000) },
  }));
  const details = findingsOf(await read(sarif(results)));
  assert.equal(details.findings[0]!.id, 'R999');
  assert.deepEqual([details.findings.length, details.complete, details.bySeverity.low], [200, false, 999]);
  assert.ok(JSON.stringify(details).length < 120_000);
});

test('words of a report cannot break out of a sentence', async () => {
  const { summary } = await one({ level: 'error', ruleId: '\u001b[2J\nR1\u202e' });
  assert.match(summary, /^[^\p{C}]+$/u);
});

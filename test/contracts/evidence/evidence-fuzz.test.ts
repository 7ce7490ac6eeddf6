import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { reportFormats } from '../../../src/domain/pipeline/report.ts';
import { exitCodes, formats, hostile, kept, survive } from '../../make/evidence-fuzz.ts';

test('every report that was kept, read as every format, ends with an answer', { timeout: 120_000 }, async () => {
  assert.ok(kept.length > 30, `${kept.length}`);
  for (const [name, content] of kept)
    for (const format of [undefined, ...reportFormats])
      await survive(content, format, undefined).catch((error: unknown) => {
        throw new Error(`${name} as ${format}`, { cause: error });
      });
});

/** Read as what they are, these are no lies: odd text, and a key written twice, of which the last counts as everywhere. */
const harmless = ['json-lone-surrogate.json', 'json-duplicate-keys.json', 'sarif-rule-index.sarif'];

test('R20: nothing of the hostile corpus passes, whatever it is taken for', async () => {
  const names = kept.filter(([name, , folder]) => folder === 'hostile' && !harmless.includes(name));
  assert.ok(names.length > 15, `${names.length}`);
  for (const [name, content] of names)
    for (const format of [undefined, ...reportFormats])
      assert.notEqual((await survive(content, format, 0))?.verdict, 'PASS', `${name} as ${format}`);
});

test('whatever comes, in whatever format, is answered soon and in bounded memory', { timeout: 240_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(
      hostile,
      formats,
      exitCodes,
      async (content, format, exitCode) => void (await survive(content, format, exitCode)),
    ),
    {
      numRuns: 1_500,
    },
  );
});

test(
  'the largest reports that are let in are read within the limits of time and memory',
  { timeout: 240_000 },
  async () => {
    const filled = (head: string, item: string, tail: string) => {
      const count = Math.floor(Math.min((30 * 2 ** 20) / item.length, 100_000));
      return Buffer.from(`${head}${Array.from({ length: count }, () => item).join(',')}${tail}`);
    };
    const results = filled(
      '{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"x"}},"results":[',
      JSON.stringify({ ruleId: 'R', level: 'error', message: { text: 'x'.repeat(200) } }),
      ']}]}',
    );
    const components = filled(
      '{"bomFormat":"CycloneDX","specVersion":"1.6","components":[',
      '{"name":"a","version":"1"}',
      ']}',
    );
    const wide = Buffer.from(
      `{"auditReportVersion":2,"vulnerabilities":{${Array.from({ length: 100_000 }, (_, index) => `"p${index}":{"severity":"low","via":[]}`).join(',')}},"metadata":{}}`,
    );
    const text = Buffer.from(`{"metrics":{},"root_group":{},"x":"${'y'.repeat(3 * 2 ** 20)}"}`);
    const cases = Buffer.from(
      `<testsuite>${'<testcase name="a"><system-out>some output of a test</system-out></testcase>'.repeat(100_000)}</testsuite>`,
    );
    const verdicts = [];
    for (const content of [results, components, wide, text, cases]) {
      const before = process.memoryUsage().rss;
      verdicts.push((await survive(content, undefined, undefined))?.verdict);
      const grown = (process.memoryUsage().rss - before) / 2 ** 20;
      assert.ok(grown < 700, `memory grew by ${Math.round(grown)} MiB`);
    }
    assert.deepEqual(verdicts, ['FAIL', 'PASS', 'INCONCLUSIVE', 'INCONCLUSIVE', 'PASS']);
  },
);

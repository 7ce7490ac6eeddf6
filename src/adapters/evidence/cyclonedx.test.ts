import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findingsOf, golden, readingOf } from '../../../test/make/report-of.ts';

const bom = (changes: object) => ({
  bomFormat: 'CycloneDX',
  specVersion: '1.6',
  version: 1,
  components: [{ type: 'library', name: 'lodash', version: '4.17.15' }],
  ...changes,
});
const read = (document: unknown) => readingOf(document, { format: 'cyclonedx' });

test('what `npm sbom` writes is read', async () => {
  const reading = await readingOf(golden('cyclonedx-npm.json'));
  assert.deepEqual([reading.verdict, reading.details], ['PASS', { of: 'components', components: 2 }]);
});

test('components within components are counted', async () => {
  const nested = bom({
    components: [{ name: 'a', components: [{ name: 'b' }, { name: 'c', components: [{ name: 'd' }] }] }],
  });
  assert.deepEqual((await read(nested)).details, { of: 'components', components: 4 });
});

test('R20: a document that names nothing says nothing', async () => {
  for (const document of [
    bom({ components: [] }),
    bom({ components: undefined }),
    bom({ specVersion: '2.0' }),
    bom({ bomFormat: 'SPDX' }),
    {},
  ])
    assert.equal((await read(document)).verdict, 'INCONCLUSIVE');
});

test('vulnerabilities are judged by their worst rating, and an analysis that ends the matter suppresses them', async () => {
  const vulnerability = (changes: object) =>
    bom({ vulnerabilities: [{ id: 'CVE-1', ratings: [{ severity: 'low' }, { score: 8.1 }], ...changes }] });
  assert.equal((await read(bom({ vulnerabilities: [] }))).verdict, 'PASS');
  assert.equal((await read(vulnerability({}))).verdict, 'FAIL');
  assert.equal((await read(vulnerability({ ratings: [{ severity: 'medium' }] }))).verdict, 'PASS');
  assert.equal((await read(vulnerability({ ratings: [] }))).verdict, 'INCONCLUSIVE');
  for (const state of ['exploitable', 'in_triage', 'hoped_for'])
    assert.equal((await read(vulnerability({ analysis: { state } }))).verdict, 'FAIL');
  const reading = await read(
    vulnerability({ analysis: { state: 'not_affected', justification: 'code_not_reachable' } }),
  );
  assert.equal(reading.verdict, 'PASS');
  assert.deepEqual(findingsOf(reading).findings[0]!.suppressed, { because: 'not_affected: code_not_reachable' });
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { golden, readingOf } from '../../../test/make/report-of.ts';

const document = { spdxVersion: 'SPDX-2.3', SPDXID: 'SPDXRef-DOCUMENT', packages: [{ name: 'lodash' }] };
const read = (value: unknown) => readingOf(value, { format: 'spdx' });

test('what `npm sbom` writes is read', async () => {
  const { verdict, summary } = await readingOf(golden('spdx-npm.json'));
  assert.deepEqual([verdict, summary], ['PASS', 'SPDX-2.3: 3 packages']);
});

test('R20: a document that names nothing, or is something else, says nothing', async () => {
  assert.equal((await read(document)).verdict, 'PASS');
  for (const changes of [
    { packages: [] },
    { packages: [{}] },
    { packages: undefined },
    { spdxVersion: 'SPDX-1.2' },
    { SPDXID: 'SPDXRef-Package' },
  ])
    assert.equal((await read({ ...document, ...changes })).verdict, 'INCONCLUSIVE', JSON.stringify(changes));
});

test('SPDX 3 is refused by its name', async () => {
  const graph = { '@context': 'https://spdx.org/rdf/3.0.1/spdx-context.jsonld', '@graph': [] };
  assert.match((await readingOf(graph)).summary, /SPDX 3/);
});

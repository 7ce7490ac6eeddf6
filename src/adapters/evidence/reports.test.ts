import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { golden, readingOf } from '../../../test/make/report-of.ts';
import { reportFormats } from '../../domain/pipeline/report.ts';
import { createReports } from './reports.ts';

const reports = createReports();
let directory = '';
before(async () => void (directory = await mkdtemp(join(tmpdir(), 'liftlock reports '))));
after(() => rm(directory, { recursive: true, force: true }));

test('every report of the corpus is recognised by its content as what its name says', async () => {
  const names = readdirSync(new URL('../../../test/corpus/evidence/', import.meta.url)).filter((name) =>
    name.includes('.'),
  );
  assert.ok(names.length >= 15, `${names.length}`);
  for (const name of names) {
    const read = await reports.read(golden(name), {});
    assert.ok(read !== undefined && name.startsWith(read.format), `${name}: ${read?.format}`);
  }
  const xml = await reports.read(Buffer.from('<testsuites/>'), {});
  assert.equal(xml?.format, 'junit');
  assert.equal((await reports.read(Buffer.from('0\n'), {}))?.format, 'exit-code');
});

test('what nobody knows is not guessed at', async () => {
  for (const text of [
    '',
    'all good',
    '{}',
    '[]',
    'null',
    '"PASS"',
    '{"results":[{}]}',
    '{"ok":true}',
    '1000',
    '{',
    '\0',
  ])
    assert.equal(await reports.read(Buffer.from(text), {}), undefined, text);
});

test('R20: whatever the format, an empty or a foreign report is inconclusive and says so in one sentence', async () => {
  for (const format of reportFormats)
    for (const text of ['', '{}', '[]', 'null', 'PASS', '\u0000', '{"vulnerabilities":{}}', '<a/>']) {
      const { verdict, summary } = await readingOf(Buffer.from(text), { format });
      assert.equal(verdict, 'INCONCLUSIVE', `${format} ${text}`);
      assert.match(summary, /^[^\p{C}]{8,400}$/u);
    }
});

test('a report that is larger than its format may be is not parsed', async () => {
  const large = Buffer.alloc(2 * 2 ** 20, ' ');
  assert.equal((await readingOf(large, { format: 'autocannon' })).summary, 'the report is larger than 1 MiB');
  assert.equal((await readingOf(large, { format: 'exit-code' })).summary, 'the report is larger than 64 bytes');
});

test('nesting and number of values are bounded before anything is built', async () => {
  const deep = Buffer.from(`${'['.repeat(5_000_000)}`);
  assert.equal((await readingOf(deep, { format: 'sarif' })).summary, 'the report nests deeper than 100 levels');
  const wide = Buffer.from(`[${'[],'.repeat(5_000_000)}0]`);
  assert.equal((await readingOf(wide, { format: 'sarif' })).summary, 'the report holds more than 1000000 values');
  const quoted = Buffer.from(
    JSON.stringify({ version: '2.1.0', runs: [{ results: [], note: '[{"\\"['.repeat(1_000) }] }),
  );
  assert.equal((await readingOf(quoted, { format: 'sarif' })).verdict, 'PASS');
});

test('bytes that are no text are refused', async () => {
  const reading = await readingOf(Buffer.from([0x7b, 0xff, 0x7d]), { format: 'k6' });
  assert.equal(reading.summary, 'the report is not utf-8 text');
});

test('a file is read as its format, with its bytes', async () => {
  const path = join(directory, 'code.txt');
  await writeFile(path, '3\n');
  const { reading, content } = await reports.readFile(path, { format: 'exit-code' });
  assert.deepEqual(
    [reading.verdict, reading.details, content?.toString()],
    ['FAIL', { of: 'exit', code: 3 }, Buffer.from('3\n').toString()],
  );
  const absent = await reports.readFile(join(directory, 'absent'), { format: 'sarif' });
  assert.deepEqual(
    [absent.reading.verdict, absent.reading.summary, absent.content],
    ['INCONCLUSIVE', 'the report was not written', undefined],
  );
});

test('an exit code is one number', async () => {
  for (const [text, verdict] of [
    ['0', 'PASS'],
    [' 0\n', 'PASS'],
    ['1', 'FAIL'],
    ['256', 'INCONCLUSIVE'],
    ['-1', 'INCONCLUSIVE'],
    ['0 0', 'INCONCLUSIVE'],
  ] as const)
    assert.equal((await readingOf(Buffer.from(text), { format: 'exit-code' })).verdict, verdict, text);
});

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import fc from 'fast-check';
import { tailOf } from './log-tail.ts';
import { openLog } from './log-writer.ts';

let home: string;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'liftlock log '));
});

afterEach(() => rmSync(home, { recursive: true, force: true }));

test('whatever is written in whatever pieces is read back the same, no file beyond twice its size', async () => {
  const line = fc.string({ maxLength: 60 }).map((text) => Buffer.from(text));
  const pieces = fc.array(fc.tuple(line, fc.boolean()), { maxLength: 40 });
  let round = 0;
  await fc.assert(
    fc.asyncProperty(pieces, fc.integer({ min: 1, max: 50 }), async (written, fileBytes) => {
      const directory = join(home, String((round += 1)));
      mkdirSync(directory);
      const log = openLog(directory, { fileBytes, files: 10_000 });
      const chunks = written.map(([text, ended]) => Buffer.concat([text, Buffer.from(ended ? '\n' : '')]));
      for (const chunk of chunks) log.write(chunk);
      const all = Buffer.concat(chunks).toString();
      assert.equal(await tailOf(directory, 100_000), all);
      for (const name of readdirSync(directory)) assert.ok(readFileSync(join(directory, name)).length <= 2 * fileBytes);
    }),
    { numRuns: 200 },
  );
});

test('a file ends with a whole line, even when the line came in two pieces', () => {
  const log = openLog(home, { fileBytes: 10, files: 9 });
  for (const piece of ['12345\n12', '34', '5678\nnext\n']) log.write(Buffer.from(piece));
  assert.deepEqual(contents(), ['12345\n12345678\n', 'next\n']);
});

test('a line that never ends is cut at twice the size of a file', () => {
  const log = openLog(home, { fileBytes: 10, files: 9 });
  log.write(Buffer.from('x'.repeat(45)));
  assert.deepEqual(
    contents().map((text) => text.length),
    [20, 20, 5],
  );
});

test('the oldest files are removed, the newest kept', () => {
  const log = openLog(home, { fileBytes: 3, files: 2 });
  for (const line of ['aa\n', 'bb\n', 'cc\n', 'dd\n']) log.write(Buffer.from(line));
  assert.deepEqual(contents(), ['cc\n', 'dd\n']);
});

test(
  'output that the disk does not take is dropped, counted, and said as soon as it can be',
  { skip: process.platform !== 'linux' },
  () => {
    const path = join(home, 'output.00000001.log');
    symlinkSync('/dev/full', path);
    const log = openLog(home, { fileBytes: 1_000, files: 2 });
    log.write(Buffer.from('gone\n'));
    log.write(Buffer.from('gone too\n'));
    assert.equal(log.dropped(), 14);
    rmSync(path);
    log.write(Buffer.from('kept\n'));
    assert.equal(log.dropped(), 14);
    assert.deepEqual(contents(), ['[liftlock] 14 bytes of output could not be written (ENOSPC)\nkept\n']);
  },
);

test('the tail begins with a whole character', async () => {
  openLog(home, { fileBytes: 1_000, files: 2 }).write(Buffer.from('äöü€\n'));
  for (const [bytes, text] of [
    [0, ''],
    [1, '\n'],
    [2, '\n'],
    [3, '\n'],
    [4, '€\n'],
    [5, '€\n'],
    [6, 'ü€\n'],
  ] as const) {
    assert.equal(await tailOf(home, bytes), text);
  }
  assert.equal(await tailOf(join(home, 'absent'), 10), '');
});

function contents(): readonly string[] {
  return readdirSync(home)
    .sort()
    .map((name) => readFileSync(join(home, name), 'utf8'));
}

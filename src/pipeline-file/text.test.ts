import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatProblem } from './problem.ts';
import { readPipeline } from './read.ts';

const lines = [
  'version: 1',
  'project: shop',
  'service: { start: node a.js }',
  'environments:',
  '  - { name: a, kind: ci, verify: none }',
  '',
];
const right = lines.join('\n');

function told(text: string): readonly string[] {
  const reading = readPipeline(text, 'f');
  return reading.ok ? [] : reading.problems.map(formatProblem);
}

test('a byte order mark and lines that end as on Windows change nothing', () => {
  const plain = readPipeline(right, 'f');
  assert.equal(plain.ok, true);
  assert.deepEqual(readPipeline(`\uFEFF${right}`, 'f'), plain);
  assert.deepEqual(readPipeline(lines.join('\r\n'), 'f'), plain);
  assert.deepEqual(
    told(`\uFEFF${lines.join('\r\n').replace('shop', 'Shop')}`).map((line) => line.split(' ')[0]),
    ['f:2:10'],
  );
});

test('columns count characters, whatever they are made of', () => {
  assert.deepEqual(told(right.replace('node a.js', '"echo 🚢🚢", stat: x')), [
    'f:3:30 service.stat: no such key here (did you mean start?)',
  ]);
});

for (const [title, insert, message] of [
  ['a NUL', '\0', 'control character U+0000 (remove it)'],
  ['an escape', '\u001b', 'control character U+001B (remove it)'],
  ['a delete', '\u007f', 'control character U+007F (remove it)'],
  ['a lone carriage return', '\r', 'a carriage return without a line feed (end lines with LF or CRLF)'],
  ['text that runs backwards', '\u202e', 'invisible character U+202E that changes the direction of text (remove it)'],
  ['a mark in the middle', '\uFEFF', 'byte order mark U+FEFF inside the text (remove it)'],
  ['half a character', '\ud800', 'U+D800 is not a character (save the file as UTF-8)'],
] as const) {
  test(`${title} is refused where it stands`, () => {
    assert.deepEqual(told(right.replace('shop', `sh${insert}op`)), [`f:2:12: ${message}`]);
  });
}

test('every kind of forbidden character is told at once', () => {
  assert.equal(told(right.replace('shop', 'a\0b\u202ec\0')).length, 2);
});

test('a tab indents nothing', () => {
  assert.deepEqual(told(right.replace('  - {', '\t- {')), [
    'f:5:1: a tab in the indentation (YAML is indented with spaces)',
  ]);
});

test('an empty file, one of white space and one that is too large are told as such', () => {
  const empty = 'f:1:1: the file is empty ("liftlock init" writes one to start from)';
  assert.deepEqual(told(''), [empty]);
  assert.deepEqual(told(' \n\n\t '), [empty]);
  assert.deepEqual(told('\uFEFF'), [empty]);
  assert.equal(told(right + `# ${'x'.repeat(100)}\n`.repeat(2_000)).length, 0);
  assert.deepEqual(told(right + `# ${'ä'.repeat(100)}\n`.repeat(2_000)), [
    'f:1:1: the file is 397 KiB; at most 256 KiB are read',
  ]);
});

test('a file that is wrong everywhere is told about up to a limit', () => {
  const reading = readPipeline(
    `${right}${Array.from({ length: 5_000 }, (_, index) => `k${index}: x\n`).join('')}`,
    'f',
  );
  assert.ok(!reading.ok);
  assert.equal(reading.problems.length, 201);
  assert.deepEqual(reading.problems.at(-1), {
    file: 'f',
    line: 206,
    column: 1,
    path: '',
    message: 'and 4800 more problems from here on',
  });
});

test('brackets nested without end are refused, not followed', { timeout: 60_000 }, () => {
  for (const bomb of ['['.repeat(100_000), '{a: '.repeat(50_000), '- '.repeat(100_000), '? '.repeat(100_000)])
    assert.ok(told(bomb).length > 0);
});

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatProblem } from './problem.ts';
import { readPipeline } from './read.ts';

const reference = readFileSync(new URL('../../docs/pipeline-reference.yaml', import.meta.url), 'utf8');
// Comments would take most of the mutations.
const text = reference
  .split('\n')
  .filter((line) => !/^\s*(#|$)/.test(line))
  .join('\n');

const scraps = [
  '&a ',
  '*a',
  '- ',
  '? ',
  ': ',
  '{',
  '}',
  '[',
  ']',
  '"',
  "'",
  '|\n',
  '>-\n',
  '\t',
  '\n',
  '\r\n',
  '#',
  '!!str ',
  '!x ',
  '%',
  '---\n',
  '...\n',
  '<<: *a\n',
  '~',
  'null',
  '0',
  '-1',
  '1e999',
  '0o7',
  'true',
  '\\',
  '\0',
  '\uFEFF',
  '🚢',
  '__proto__: 1\n',
  'constructor: 1\n',
  'name: a\n',
  'after: [a]\n',
  ',',
];

type Mutation = (lines: string) => string;

const spot = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });

/** Cuts a piece out and puts something else in its place: nothing, a scrap, any characters, or another piece of the file. */
const mutation: fc.Arbitrary<Mutation> = fc
  .tuple(
    spot,
    fc.nat(60),
    fc.oneof(fc.constant(''), fc.constantFrom(...scraps), fc.string({ maxLength: 8, unit: 'binary' }), spot),
  )
  .map(([from, length, put]) => (whole) => {
    const start = Math.floor(from * whole.length);
    const piece =
      typeof put === 'string' ? put : whole.slice(Math.floor(put * whole.length), Math.floor(put * whole.length) + 80);
    return whole.slice(0, start) + piece + whole.slice(start + length);
  });

/** Moves, repeats or drops whole lines, which keeps more of the file readable. */
const lineMutation: fc.Arbitrary<Mutation> = fc
  .tuple(spot, spot, fc.constantFrom('drop', 'repeat', 'move', 'indent'))
  .map(([from, to, how]) => (whole) => {
    const lines = whole.split('\n');
    const index = Math.floor(from * lines.length);
    const line = lines[index] ?? '';
    if (how === 'indent') lines[index] = `  ${line}`;
    if (how === 'drop' || how === 'move') lines.splice(index, 1);
    if (how === 'repeat' || how === 'move') lines.splice(Math.floor(to * lines.length), 0, line);
    return lines.join('\n');
  });

function holdsWord(written: string): void {
  const reading = readPipeline(written, 'f');
  if (reading.ok) {
    assert.ok(reading.pipeline.environments.length > 0);
    return;
  }
  assert.ok(reading.problems.length > 0, 'a refusal says why');
  const lines = written.split('\n').length;
  let last = 0;
  for (const problem of reading.problems) {
    assert.ok(problem.line >= last && problem.line <= lines && problem.column >= 1, formatProblem(problem));
    assert.ok(!formatProblem(problem).includes('\n'), 'one line for each problem');
    last = problem.line;
  }
}

test('a file mutated anyhow is read or told what is wrong with it, and nothing throws', { timeout: 300_000 }, () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(mutation, lineMutation), { minLength: 1, maxLength: 4 }), (mutations) => {
      holdsWord(mutations.reduce((whole, mutate) => mutate(whole), text));
    }),
    { numRuns: 200 },
  );
});

test('any text at all is told what is wrong with it', { timeout: 300_000 }, () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), holdsWord), { numRuns: 150 });
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(...scraps, 'version', 'environments', ' ', '  ')).map((parts) => parts.join('')),
      holdsWord,
    ),
    { numRuns: 400 },
  );
});

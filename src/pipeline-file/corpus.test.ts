import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { formatProblem } from './problem.ts';
import { readPipeline } from './read.ts';

interface Case {
  readonly title: string;
  readonly text: string;
  /** `line:column path: message` of every problem. */
  readonly problems: readonly string[];
}

/** A case is `=== title`, the file, and `>>> problem` for each problem; blank lines between cases do not count. */
function casesOf(text: string): readonly Case[] {
  return text
    .split(/^=== /m)
    .slice(1)
    .map((part) => {
      const [title = '', ...lines] = part.trimEnd().split('\n');
      const first = lines.findIndex((line) => line.startsWith('>>>'));
      const problems = lines.slice(first).map((line) => line.replace(/^>>> ?/, ''));
      return { title, text: `${lines.slice(0, first).join('\n')}\n`, problems };
    });
}

const folder = new URL('corpus/', import.meta.url);
const files = readdirSync(folder).filter((name) => name.endsWith('.txt'));
const cases = files.flatMap((name) => casesOf(readFileSync(new URL(name, folder), 'utf8')));

test('the corpus has at least sixty wrong files, none of them twice', () => {
  assert.ok(cases.length >= 60, `${cases.length}`);
  assert.equal(new Set(cases.map(({ title }) => title)).size, cases.length);
});

for (const { title, text, problems } of cases) {
  test(`a wrong file is told exactly what is wrong: ${title}`, () => {
    const reading = readPipeline(text, 'f');
    assert.deepEqual(
      reading.ok ? [] : reading.problems.map((problem) => formatProblem(problem).replace(/^f:/, '')),
      problems,
    );
    assert.ok(problems.length > 0, 'a wrong file has a problem');
  });
}

/** What the documents say about files, packages, commands and words is so. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { describe } from '../src/cli/program/program.ts';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const decisions = readdirSync(join(root, 'docs/decisions')).toSorted();
const documents = [
  ...readdirSync(root).filter((name) => name.endsWith('.md')),
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name)),
];

test('decisions have numbers from 1 on, each once, and say theirs', () => {
  assert.ok(decisions.length > 0);
  decisions.forEach((name, index) => {
    assert.equal(name.slice(0, 5), `${String(index + 1).padStart(4, '0')}-`);
    assert.match(textOf(join('docs/decisions', name)), new RegExp(`^# ${index + 1}\\. `), name);
  });
});

test('every package that is shipped has a decision', () => {
  const { dependencies } = JSON.parse(textOf('package.json')) as { dependencies: Record<string, string> };
  const text = decisions.map((name) => textOf(join('docs/decisions', name))).join('\n');
  assert.deepEqual(
    Object.keys(dependencies).filter((name) => !text.includes(`\`${name}\``)),
    [],
  );
});

test('links lead to files that are there', () => {
  const broken = documents.flatMap((document) =>
    [...textOf(document).matchAll(/\]\((?!https?:|#)([^)#\s]+)(?:#[^)]*)?\)/g)]
      .map(([, target = '']) => relative(root, join(root, dirname(document), target)))
      .filter((target) => !existsSync(join(root, target)))
      .map((target) => `${document} → ${target}`),
  );
  assert.deepEqual(broken, []);
});

test('files of src that ARCHITECTURE.md and decisions name are there', () => {
  const named = ['ARCHITECTURE.md', ...decisions.map((name) => join('docs/decisions', name))].flatMap((document) =>
    [...textOf(document).matchAll(/`((?:[\w-]+\/)+[\w-]+(?:\.\w+)*)`/g)].map(([, path = '']) => ({ document, path })),
  );
  assert.ok(named.length > 20);
  const missing = named.filter(
    ({ path }) =>
      /^(src|test|bench|console|docs|engine|domain|api|adapters|ports)\//.test(path) &&
      !existsSync(join(root, path)) &&
      !existsSync(join(root, 'src', path)) &&
      path !== 'dist/console',
  );
  assert.deepEqual(missing, []);
});

test('commands that documents name exist', () => {
  const known = new Set(commandsOf(describe(async () => {}, { argv: [], complain: () => {} })));
  const groups = new Set([...known].flatMap((words) => (words.includes(' ') ? [words.split(' ')[0]!] : [])));
  const unknown = documents.flatMap((document) =>
    [...textOf(document).matchAll(/(?:^|[`|(]\s*)liftlock ([a-z][a-z-]*)(?: ([a-z][a-z-]*))?(?: ([a-z][a-z-]*))?/gm)]
      .map(([, ...words]) => words.filter((word) => word !== undefined))
      .filter((words) => !isKnown(words, known, groups))
      .map((words) => `${document}: liftlock ${words.join(' ')}`),
  );
  assert.deepEqual(unknown, []);
});

test('the glossary has each word once', () => {
  const words = [...textOf('docs/glossary.md').matchAll(/^\| ([^|]+) \|/gm)].map(([, word = '']) => word).slice(2);
  assert.ok(words.length > 50);
  assert.deepEqual(
    words.filter((word, index) => words.indexOf(word) !== index),
    [],
  );
});

function isKnown(words: readonly string[], known: ReadonlySet<string>, groups: ReadonlySet<string>): boolean {
  const [first = '', second, third] = words;
  if (!groups.has(first)) return known.has(first);
  if (second === undefined) return true;
  return known.has(`${first} ${second}`) || (third !== undefined && known.has(`${first} ${second} ${third}`));
}

function commandsOf(command: Command, before: readonly string[] = []): readonly string[] {
  return command.commands.flatMap((child) => {
    const words = [...before, child.name()];
    return [words.join(' '), ...commandsOf(child, words)];
  });
}

function textOf(file: string): string {
  return readFileSync(join(root, file), 'utf8');
}

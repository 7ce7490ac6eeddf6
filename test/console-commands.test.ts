/** What the console offers to copy is a command that the command line has, with the options and as many words as it takes. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Command } from 'commander';
import { describe } from '../src/cli/program/program.ts';

const root = join(import.meta.dirname, '..', 'console', 'src');
const program = describe(() => Promise.resolve(), { argv: [], complain: () => undefined });

/** Stands for what is put in when somebody looks. */
const value = '\u0000';

interface Offered {
  readonly at: string;
  readonly words: readonly string[];
  /** Those that are there only sometimes, too. */
  readonly flags: readonly string[];
  /** Every word of it is always there. */
  readonly isWhole: boolean;
}

test('every command that the console offers to copy exists', () => {
  const all = readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name))
    .flatMap((name) => offeredIn(name))
    // Only its beginning stands there.
    .filter(({ words }) => words.length > (words[1] === '-p' ? 3 : 1));
  assert.ok(all.length > 60, `${all.length} were found`);
  assert.deepEqual(
    all.flatMap((one) => faultsOf(one)),
    [],
  );
});

test('one that does not exist, or takes something else, is found', () => {
  const faults = (text: string) =>
    faultsOf({ at: 'here', words: text.split(' '), flags: flagsOf(text), isWhole: true });
  assert.deepEqual(faults('liftlock hold production --reason x'), []);
  assert.deepEqual(faults('liftlock hold production --because x'), ['here: liftlock hold has no --because']);
  assert.deepEqual(faults('liftlock hold --reason x'), ['here: liftlock hold takes 1 words, not 0']);
  assert.deepEqual(faults('liftlock holt production'), ['here: there is no liftlock holt']);
});

function offeredIn(name: string): readonly Offered[] {
  const source = readFileSync(join(root, name), 'utf8');
  return [...source.matchAll(/[`'"]liftlock /g)].map(({ index }): Offered => {
    const written = source.slice(index + 1, literalEnd(source, index));
    const text = written.replaceAll(/\$\{(?:[^{}]|\{[^{}]*\})*\}|\{\w+\}/g, value);
    const from = source.lastIndexOf('command:', index);
    const within = from < 0 ? '' : source.slice(from, propertyEnd(source, from));
    const belongs = from + within.length > index;
    return {
      at: `${name}:${source.slice(0, index).split('\n').length}`,
      // What is put in right behind a word is more of the command, or nothing.
      words: text.split(/\s+/).flatMap((word) => (/^[\w-]+\0$/.test(word) ? [word.slice(0, -1)] : word || [])),
      flags: flagsOf(belongs ? within : written),
      isWhole: !belongs || /^command: [`']liftlock [^$]*(?:\$\{[^{}?]*\}[^$]*)*[`']$/.test(within),
    };
  });
}

/** Where the text ends that begins with the quote there. */
function literalEnd(source: string, begin: number): number {
  let depth = 0;
  for (let at = begin + 1; at < source.length; at++) {
    if (source.startsWith('${', at)) depth += 1;
    if (source[at] === '}' && depth > 0) depth -= 1;
    if (source[at] === source[begin] && depth === 0) return at;
  }
  return source.length;
}

/** Brackets in texts of ours come in pairs. */
function propertyEnd(source: string, begin: number): number {
  let depth = 0;
  for (let at = begin; at < source.length; at++) {
    if ('([{'.includes(source[at]!)) depth += 1;
    if (')]}'.includes(source[at]!)) depth -= 1;
    if (depth < 0 || (source[at] === ',' && depth === 0)) return at;
  }
  return source.length;
}

/** Of `option('until', until)`, too. */
function flagsOf(text: string): readonly string[] {
  const optional = [...text.matchAll(/\boption\('([a-z-]+)'/g)].map(([, name]) => `--${name}`);
  return [...(text.match(/(?<![\w-])--[a-z][a-z-]*/g) ?? []), ...optional];
}

function faultsOf({ at, words, flags, isWhole }: Offered): readonly string[] {
  let command = program;
  let left = words.slice(words[1] === '-p' ? 3 : 1);
  while (command.commands.length > 0) {
    const next: Command | undefined =
      left[0] === value
        ? command.commands.find((one) => flags.every((flag) => takes(one, flag)))
        : subcommand(command, left[0]);
    if (next === undefined) return [`${at}: there is no ${nameOf(command)} ${left[0]}`.replaceAll(value, '…')];
    [command, left] = [next, left.slice(1)];
  }
  const unknown = flags
    .filter((flag) => !takes(command, flag))
    .map((flag) => `${at}: ${nameOf(command)} has no ${flag}`);
  if (!isWhole || unknown.length > 0) return unknown;
  const taken = command.registeredArguments;
  const count = left.filter((word, index) => !word.startsWith('-') && !isValueOf(command, left[index - 1])).length;
  const isRight = count >= taken.filter(({ required }) => required).length && count <= taken.length;
  return isRight ? [] : [`${at}: ${nameOf(command)} takes ${taken.length} words, not ${count}`];
}

function subcommand({ commands }: Command, word: string | undefined): Command | undefined {
  return commands.find((one) => one.name() === word);
}

function optionOf(command: Command, flag: string | undefined) {
  return [...command.options, ...program.options].find(
    ({ long, short }) => flag !== undefined && [long, short].includes(flag),
  );
}

function takes(command: Command, flag: string): boolean {
  return optionOf(command, flag) !== undefined;
}

function isValueOf(command: Command, before: string | undefined): boolean {
  return before?.startsWith('-') === true && optionOf(command, before)?.isBoolean() === false;
}

function nameOf(command: Command): string {
  return command.parent === null ? command.name() : `${nameOf(command.parent)} ${command.name()}`;
}

/** Zod's issues as remarks: one for each thing that is wrong, at the place where it is wrong. */
import type { z } from 'zod';
import { splitMessage } from './expected.ts';
import type { Remark, Path } from './problem.ts';
import { nearest } from './suggest.ts';

type Issue = z.core.$ZodIssue;

export function remarksOf(issues: readonly Issue[], base: Path = []): readonly Remark[] {
  return issues.flatMap((issue) => remarksOfOne(issue, [...base, ...(issue.path as Path)]));
}

function remarksOfOne(issue: Issue, path: Path): readonly Remark[] {
  switch (issue.code) {
    case 'unrecognized_keys':
      // `mapping` puts the known keys into the message.
      return issue.keys.map((key) => unknownKey([...path, key], key, issue.message.split(' ')));
    case 'invalid_key':
      return issue.issues.slice(0, 1).map((inner) => ({ path, atKey: true, ...splitMessage(inner.message) }));
    case 'invalid_union':
      return remarksOfUnion(issue, path);
    default:
      return [{ path, ...splitMessage(issue.message) }];
  }
}

const noSuchKey = 'no such key here';

function unknownKey(path: Path, key: string, known: readonly string[]): Remark {
  const word = nearest(key, known);
  if (word === undefined)
    return { path, atKey: true, message: noSuchKey, hint: `the keys here are ${known.join(', ')}` };
  return { path, atKey: true, message: noSuchKey, hint: `did you mean ${word}?`, meant: [...path.slice(0, -1), word] };
}

/** What is wrong with the alternative that the author most likely meant; the union's own words when none fits. */
function remarksOfUnion(issue: Issue & { code: 'invalid_union' }, path: Path): readonly Remark[] {
  const fitting = issue.errors.filter((issues) => !issues.some(isOtherShape)).map((issues) => remarksOf(issues, path));
  const [first, ...others] = fitting;
  if (first === undefined) return [{ path, ...splitMessage(issue.message) }];
  return others.reduce((best, next) => (distance(next) < distance(best) ? next : best), first);
}

function isOtherShape(issue: Issue): boolean {
  return (
    issue.path.length === 0 &&
    (issue.code === 'invalid_type' || issue.code === 'invalid_value' || issue.code === 'invalid_union')
  );
}

/** A misspelt key is half a mistake: it tells which alternative was meant. */
function distance(remarks: readonly Remark[]): number {
  return remarks.reduce((sum, { meant }) => sum + (meant === undefined ? 1 : 0.5), 0);
}

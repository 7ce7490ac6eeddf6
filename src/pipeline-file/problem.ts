/** What is wrong, or doubtful, at one place of a pipeline file. */

export interface Problem {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1, in characters. */
  readonly column: number;
  /** `environments[2].gates[0].count`; empty for the file as a whole. */
  readonly path: string;
  readonly message: string;
  /** What to write instead, when that can be said. */
  readonly hint?: string;
}

export type Path = readonly (string | number)[];

/** What is to be said about a path, before it is known where that stands in the file. */
export interface Remark {
  readonly path: Path;
  readonly message: string;
  readonly hint?: string | undefined;
  /** Points to the key instead of its value. */
  readonly atKey?: boolean;
  /** Where the author most likely meant to write what stands at `path`; that it is missing there need not be said. */
  readonly meant?: Path | undefined;
}

/** `liftlock.yaml:12:7 environments[2].gates[0].count: expected a whole number of at least 1, got "two"` */
export function formatProblem(problem: Problem): string {
  const place = `${problem.file}:${problem.line}:${problem.column}`;
  const subject = problem.path === '' ? place : `${place} ${problem.path}`;
  return `${subject}: ${problem.message}${problem.hint === undefined ? '' : ` (${problem.hint})`}`;
}

export function formatPath(path: Path): string {
  return path.reduce<string>((text, part) => text + formatPart(part, text === ''), '');
}

function formatPart(part: string | number, first: boolean): string {
  if (typeof part === 'number') return `[${part}]`;
  if (!/^[\w-]+$/.test(part)) return `[${JSON.stringify(part)}]`;
  return first ? part : `.${part}`;
}

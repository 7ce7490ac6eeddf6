/**
 * Which files of a directory a Dockerfile does not get, as `.dockerignore` says: a pattern a line, `#` begins a comment, `!` takes
 * back, the last that matches decides, and what matches a directory matches all that is in it. `*`, `?`, `[a-z]` and `\` as in
 * Go's filepath.Match, which Docker uses, and `**` for any directories. (docs.docker.com/build/concepts/context)
 */
import { Failure } from '../../../domain/base/failure.ts';

export interface Ignored {
  (path: string): boolean;
  /** Something below an ignored directory may be wanted all the same. */
  readonly takesBack: boolean;
}

export function readDockerignore(text: string): Ignored {
  const rules = text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .filter((line) => !line.startsWith('#'))
    .map((line) => line.trim())
    .flatMap(ruleOf);
  const ignored = (path: string): boolean => {
    const last = rules.findLast(({ matches }) => matches.test(path));
    return last !== undefined && !last.takesBack;
  };
  return Object.assign(ignored, { takesBack: rules.some(({ takesBack }) => takesBack) });
}

interface Rule {
  readonly takesBack: boolean;
  readonly matches: RegExp;
}

function ruleOf(line: string): readonly Rule[] {
  const takesBack = line.startsWith('!');
  const written = takesBack ? line.slice(1).trim() : line;
  const parts: string[] = [];
  for (const part of written.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..') parts.pop();
    else if (part !== '**' || parts.at(-1) !== '**') parts.push(part);
  }
  return parts.length === 0 ? [] : [{ takesBack, matches: compiled(parts, line) }];
}

function compiled(parts: readonly string[], line: string): RegExp {
  try {
    return new RegExp(`^${parts.map(partOf).join('')}(?:/|$)`, 'u');
  } catch (cause) {
    throw new Failure('image/invalid', `.dockerignore has a pattern that cannot be read: ${line}`, { cause });
  }
}

/** Each part brings the slash before it, but for the first; `**` stands for any number of parts, none among them. */
function partOf(part: string, index: number, parts: readonly string[]): string {
  const last = index === parts.length - 1;
  if (part === '**') return last ? (index === 0 ? '.*' : '/.*') : index === 0 ? '(?:[^/]+/)*' : '(?:/[^/]+)*';
  const slash = index === 0 || (index === 1 && parts[0] === '**') ? '' : '/';
  return slash + expressionOf(part);
}

function expressionOf(part: string): string {
  let expression = '';
  for (let at = 0; at < part.length; at++) {
    const character = part[at]!;
    const set = character === '[' ? /^\[(\^?)((?:\\.|[^\]\\])+)\]/u.exec(part.slice(at)) : null;
    if (set !== null) {
      expression += `[${set[1]}${setOf(set[2]!)}]`;
      at += set[0].length - 1;
    } else if (character === '*') {
      // Two stars within a part, as in `a**b`, reach across parts.
      const two = part[at + 1] === '*';
      expression += two ? '.*' : '[^/]*';
      at += two ? 1 : 0;
    } else if (character === '?') expression += '[^/]';
    else if (character === '\\' && at + 1 < part.length) expression += escaped(part[(at += 1)]!);
    else expression += escaped(character);
  }
  return expression;
}

/** Ranges stay ranges; of what was escaped only some has a meaning here that must be escaped again. */
function setOf(content: string): string {
  return content.replace(/\\(.)/gsu, (_, kept: string) => (/[\\\]^-]/.test(kept) ? `\\${kept}` : kept));
}

function escaped(character: string): string {
  return /[\\^$.*+?()[\]{}|/]/.test(character) ? `\\${character}` : character;
}

/** Reads what came in: bodies within a limit, values as the contract wants them, everything wrong said in our words. */
import type { z } from 'zod';
import { Failure } from '../domain/base/failure.ts';
import type { ProblemDetail } from './contract/problem.ts';
import { formatPath, type Path } from '../pipeline-file/problem.ts';

const mostBodyBytes = 1024 * 1024;

/**
 * The JSON value of a request's body; an empty object when there is none. Reading stops at the limit, also when the
 * length was not announced.
 * @throws Failure `input/too-large`, `input/invalid`.
 */
export async function readJson(request: Request): Promise<unknown> {
  const bytes = await readBytes(request, mostBodyBytes);
  if (bytes.length === 0) return {};
  const type = (request.headers.get('content-type') ?? '').split(';')[0]!.trim().toLowerCase();
  if (type !== 'application/json') {
    throw new Failure('input/invalid', `the body is ${type === '' ? 'of no type' : type}`, {
      hint: 'Send JSON as Content-Type: application/json.',
    });
  }
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as unknown;
  } catch (error) {
    const because = error instanceof SyntaxError ? `: ${error.message}` : ' in UTF-8';
    throw new Failure('input/invalid', `the body is not JSON${because}`, { cause: error });
  }
}

/** The bytes of a body, whatever its type. @throws Failure `input/too-large` before more than `most` are kept. */
export async function readBytes(request: Request, most: number): Promise<Uint8Array> {
  if (Number(request.headers.get('content-length') ?? 0) > most) throw tooLarge(most);
  if (request.body === null) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body as unknown as AsyncIterable<Uint8Array>) {
    size += chunk.length;
    if (size > most) throw tooLarge(most);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function tooLarge(most: number): Failure {
  return new Failure('input/too-large', `the body is larger than ${most} bytes`);
}

/** Parameters of the address; each at most once. */
export function readQuery(url: string): Record<string, string> {
  const given = new URL(url).searchParams;
  const twice = [...new Set(given.keys())].filter((name) => given.getAll(name).length > 1);
  if (twice.length > 0)
    throw invalid(twice.map((name) => ({ path: `query.${name}`, message: 'given more than once' })));
  return Object.fromEntries(given);
}

export type Place = 'path' | 'query' | 'body';

/** @throws Failure `input/invalid` with everything that is wrong; see `detailsOf`. */
export function understand<S extends z.ZodType>(schema: S, value: unknown, place: Place): z.output<S> {
  const result = schema.safeParse(value, { reportInput: true });
  if (result.success) return result.data;
  throw invalid(result.error.issues.flatMap((issue) => detailsOfIssue(issue, place)));
}

function invalid(details: readonly ProblemDetail[]): Failure {
  const [first] = details;
  const more = details.length > 1 ? ` (and ${details.length - 1} more)` : '';
  return new Failure(
    'input/invalid',
    `${first?.path ?? 'the request'}: ${first?.message ?? 'cannot be understood'}${more}`,
    { cause: { problems: details } },
  );
}

/** A failure with a list of what is wrong: the list travels as its cause. */
export function failureWith(
  failure: { code: 'pipeline/invalid'; message: string; hint: string },
  problems: readonly ProblemDetail[],
): Failure {
  return new Failure(failure.code, failure.message, { hint: failure.hint, cause: { problems } });
}

/** The list that `failureWith` and `understand` put into a failure. */
export function detailsOf({ cause }: Failure): readonly ProblemDetail[] | undefined {
  return typeof cause === 'object' && cause !== null && 'problems' in cause
    ? (cause.problems as readonly ProblemDetail[])
    : undefined;
}

type Issue = z.core.$ZodIssue;

function detailsOfIssue(issue: Issue, place: Place): readonly ProblemDetail[] {
  const path = (...further: Path) => formatPath([place, ...(issue.path as Path), ...further]);
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({ path: path(key), message: 'is not known here' }));
  return [{ path: path(), message: sentenceOf(issue) }];
}

const kinds: Readonly<Record<string, string>> = {
  int: 'a whole number',
  number: 'a number',
  string: 'text',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
};

function sentenceOf(issue: Issue): string {
  if (issue.code === 'invalid_type') {
    const what = kinds[issue.expected] ?? issue.expected;
    return issue.input === undefined || (Number.isNaN(issue.input) && issue.expected !== 'number')
      ? `missing; expected ${what}`
      : `expected ${what}`;
  }
  if (issue.code === 'too_small')
    return issue.origin === 'string' ? 'must not be empty' : `must be at least ${issue.minimum}`;
  if (issue.code === 'too_big')
    return issue.origin === 'string'
      ? `must have at most ${issue.maximum} characters`
      : `must be at most ${issue.maximum}`;
  if (issue.code === 'invalid_value') return `expected one of ${issue.values.join(', ')}`;
  if (issue.code === 'invalid_format') return 'is not written the way it should be; see /api/openapi.json';
  return issue.message;
}

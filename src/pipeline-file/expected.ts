/** How the schema says what it expected: one sentence a person can act on, with what was found. */
import type { z } from 'zod';
import { didYouMean } from './suggest.ts';

export interface Complaint {
  readonly error: (issue: z.core.$ZodRawIssue) => string;
}

export interface Wording {
  /** What to do instead, for inputs that are wrong in a known way. */
  readonly hint?: (input: unknown) => string | undefined;
  /** Never repeats the input: it may be the secret itself, written where its name belongs. */
  readonly confidential?: boolean;
}

/**
 * The `error` option of a Zod type. The message is one line, or two when there is a hint: Zod carries
 * nothing but a message through, so `splitMessage` takes them apart again.
 */
export function expected(what: string, wording: Wording = {}): Complaint {
  return {
    error: ({ input }) => {
      const hint = wording.hint?.(input);
      return `${sentence(what, input, wording)}${hint === undefined ? '' : `\n${hint}`}`;
    },
  };
}

export function expectedOneOf(words: readonly string[]): Complaint {
  return expected(`one of ${words.join(', ')}`, {
    hint: (input) => (typeof input === 'string' ? didYouMean(input, words) : undefined),
  });
}

/** For a list entry whose `key` says what it is. */
export function expectedEntry(key: string, words: readonly string[], noun: string): Complaint {
  const whole = expected(`a ${noun} such as { ${key}: ${words[0] ?? ''} }`);
  const word = expectedOneOf(words);
  return {
    error: (issue) => {
      if (issue.code !== 'invalid_union') return whole.error(issue);
      const entry = issue.input as Readonly<Record<string, unknown>>;
      return word.error({ ...issue, input: entry[key] });
    },
  };
}

export function splitMessage(message: string): { message: string; hint?: string } {
  const [first = '', hint] = message.split('\n');
  return hint === undefined ? { message: first } : { message: first, hint };
}

/** What a person sees of a value: never more than a few words of it. */
function show(input: unknown): string {
  if (input === null) return 'nothing';
  if (Array.isArray(input)) return input.length === 0 ? 'an empty list' : 'a list';
  if (typeof input === 'object') return 'a mapping';
  if (typeof input !== 'string') return String(input);
  const characters = [...input];
  return JSON.stringify(characters.length > 40 ? `${characters.slice(0, 37).join('')}...` : input);
}

function sentence(what: string, input: unknown, { confidential = false }: Wording): string {
  if (input === undefined) return `missing; expected ${what}`;
  return confidential && typeof input === 'string' ? `expected ${what}` : `expected ${what}, got ${show(input)}`;
}

/** What must hold of the raw text before a YAML parser may see it. */

const largestFileBytes = 256 * 1024;

interface TextProblem {
  readonly offset: number;
  readonly message: string;
  readonly hint?: string;
}

/** Takes a byte order mark off; editors on Windows write one, and it means nothing. */
export function withoutMark(text: string): string {
  return text.startsWith('\uFEFF') ? text.slice(1) : text;
}

/**
 * Everything in the text that no honest pipeline file contains. Characters that change the direction of
 * text are refused because a reviewer would see something else than we read (https://trojansource.codes).
 */
export function textProblems(text: string): readonly TextProblem[] {
  const bytes = new TextEncoder().encode(text).length;
  if (bytes > largestFileBytes) {
    return [
      {
        offset: 0,
        message: `the file is ${Math.ceil(bytes / 1024)} KiB; at most ${largestFileBytes / 1024} KiB are read`,
      },
    ];
  }
  if (text.trim() === '')
    return [{ offset: 0, message: 'the file is empty', hint: '"liftlock init" writes one to start from' }];
  return forbidden.flatMap((kind) => firstOf(text, kind));
}

/** True when a value holds characters that have no business in a name, a command or a path. */
export function hasControlCharacters(text: string): boolean {
  return /[^\P{Cc}\n\t]/u.test(text);
}

interface ForbiddenCharacters {
  readonly characters: RegExp;
  readonly tell: (code: string) => string;
  readonly hint?: string;
}

const forbidden: readonly ForbiddenCharacters[] = [
  { characters: /[^\P{Cc}\n\r\t\u0085]/u, tell: (code) => `control character ${code}`, hint: 'remove it' },
  { characters: /\r(?!\n)/u, tell: () => 'a carriage return without a line feed', hint: 'end lines with LF or CRLF' },
  {
    characters: /[\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/u,
    tell: (code) => `invisible character ${code} that changes the direction of text`,
    hint: 'remove it',
  },
  { characters: /\uFEFF/u, tell: (code) => `byte order mark ${code} inside the text`, hint: 'remove it' },
  {
    characters: /[\uD800-\uDFFF\uFFFE\uFFFF]/u,
    tell: (code) => `${code} is not a character`,
    hint: 'save the file as UTF-8',
  },
];

function firstOf(text: string, { characters, tell, hint }: ForbiddenCharacters): readonly TextProblem[] {
  const found = characters.exec(text);
  if (found === null) return [];
  const code = (text.codePointAt(found.index) ?? 0).toString(16).toUpperCase().padStart(4, '0');
  return [{ offset: found.index, message: tell(`U+${code}`), ...(hint === undefined ? {} : { hint }) }];
}
